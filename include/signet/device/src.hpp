// SPDX-License-Identifier: BSL-1.0
// The bodies of device, for separate compilation: see <signet/src.hpp>.
#pragma once

#include <signet/device/impl/action_token.ipp>
#include <signet/device/impl/device_session.ipp>
#include <signet/device/impl/recommendation.ipp>
#include <signet/device/impl/registry.ipp>
#include <signet/device/impl/telemetry.ipp>
