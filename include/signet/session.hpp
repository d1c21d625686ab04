// SPDX-License-Identifier: BSL-1.0
// session: login sessions, their profiles, and the access decision. By name is included session_summary, which is for
// administrators.
#pragma once

#include <signet/version.hpp> // first: says what is wrong without C++20

#include <signet/session/access.hpp>
#include <signet/session/audit.hpp>
#include <signet/session/authentication.hpp>
#include <signet/session/backing.hpp>
#include <signet/session/linked_token.hpp>
#include <signet/session/live_session.hpp>
#include <signet/session/login_session.hpp>
#include <signet/session/profile.hpp>
#include <signet/session/session_lookup.hpp>
#include <signet/session/session_policy.hpp>
#include <signet/session/session_results.hpp>
#include <signet/session/states.hpp>
