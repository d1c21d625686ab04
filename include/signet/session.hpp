// SPDX-License-Identifier: BSL-1.0
// session: the life of devices and sessions, as tables and pure decisions.
#pragma once

#include <signet/session/access.hpp>
#include <signet/session/action_token.hpp>
#include <signet/session/audit.hpp>
#include <signet/session/device.hpp>
#include <signet/session/device_client.hpp>
#include <signet/session/device_registry.hpp>
#include <signet/session/device_session.hpp>
#include <signet/session/live_session.hpp>
#include <signet/session/login_session.hpp>
#include <signet/session/oidc.hpp>
#include <signet/session/oidc_login.hpp>
#include <signet/session/profile.hpp>
#include <signet/session/refresh.hpp>
#include <signet/session/refresh_family.hpp>
#include <signet/session/states.hpp>
#include <signet/session/task.hpp>
#include <signet/session/tokens.hpp>
