// SPDX-License-Identifier: BSL-1.0
// dbsc: Device Bound Session Credentials, the server's side (W3C draft, as Chromium speaks it).
#pragma once

#include <signet/version.hpp> // first: says what is wrong without C++20

#include <signet/dbsc/bound_session.hpp>
#include <signet/dbsc/cookie_check.hpp>
#include <signet/dbsc/ending.hpp>
#include <signet/dbsc/instructions.hpp>
#include <signet/dbsc/message.hpp>
#include <signet/dbsc/policy.hpp>
#include <signet/dbsc/proof_token.hpp>
#include <signet/dbsc/refresh.hpp>
#include <signet/dbsc/registration.hpp>
#include <signet/dbsc/states.hpp>
