// SPDX-License-Identifier: BSL-1.0
// The bodies of session, for separate compilation: see <signet/src.hpp>.
#pragma once

#include <signet/session/impl/access.ipp>
#include <signet/session/impl/backing.ipp>
#include <signet/session/impl/live_session.ipp>
#include <signet/session/impl/login_session.ipp>
#include <signet/session/impl/session_lookup.ipp>
#include <signet/session/impl/session_summary.ipp>
