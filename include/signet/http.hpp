// SPDX-License-Identifier: BSL-1.0
// http: cookies, caching headers, forms, structured fields, request targets.
#pragma once

#include <signet/version.hpp> // first: says what is wrong without C++20

#include <signet/http/cache_control.hpp>
#include <signet/http/cookie.hpp>
#include <signet/http/cookie_params.hpp>
#include <signet/http/cookie_syntax.hpp>
#include <signet/http/form.hpp>
#include <signet/http/own_path.hpp>
#include <signet/http/ready_cookies.hpp>
#include <signet/http/set_cookie.hpp>
#include <signet/http/structured_field.hpp>
#include <signet/http/structured_value.hpp>
#include <signet/http/target.hpp>
