// SPDX-License-Identifier: BSL-1.0
// device: a user's devices and their keys, device sessions, and secure actions.
#pragma once

#include <signet/version.hpp> // first: says what is wrong without C++20

#include <signet/device/action_token.hpp>
#include <signet/device/client.hpp>
#include <signet/device/device.hpp>
#include <signet/device/device_session.hpp>
#include <signet/device/recommendation.hpp>
#include <signet/device/registry.hpp>
#include <signet/device/telemetry.hpp>
