// SPDX-License-Identifier: BSL-1.0
// core: result, errors, bytes, secrets, time and randomness as values.
#pragma once

#include <signet/version.hpp> // first: says what is wrong without C++20

#include <signet/core/bytes.hpp>
#include <signet/core/enum_names.hpp>
#include <signet/core/error.hpp>
#include <signet/core/field_name.hpp>
#include <signet/core/output.hpp>
#include <signet/core/random.hpp>
#include <signet/core/result.hpp>
#include <signet/core/secret.hpp>
#include <signet/core/shared_function.hpp>
#include <signet/core/time.hpp>
#include <signet/core/transition_table.hpp>
