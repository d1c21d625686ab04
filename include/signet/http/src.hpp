// SPDX-License-Identifier: BSL-1.0
// The bodies of http, for separate compilation: see <signet/src.hpp>.
#pragma once

#include <signet/http/impl/cache_control.ipp>
#include <signet/http/impl/cookie.ipp>
#include <signet/http/impl/set_cookie.ipp>
#include <signet/http/impl/structured_field.ipp>
#include <signet/http/impl/structured_serialize.ipp>
#include <signet/http/impl/structured_value.ipp>
#include <signet/http/impl/target.ipp>
