// SPDX-License-Identifier: BSL-1.0
// store: what a store is, operations on one, the octets of a record, a store in memory, and what observes a store. By
// name are included sqlite, redis and postgres, what their connections share (breaker, combiner and pool), metrics,
// which needs atomics, encrypted, which needs Botan, and scan, which is for administrators.
#pragma once

#include <signet/version.hpp> // first: says what is wrong without C++20

#include <signet/store/fields.hpp>
#include <signet/store/health.hpp>
#include <signet/store/memory.hpp>
#include <signet/store/observed.hpp>
#include <signet/store/record.hpp>
#include <signet/store/store.hpp>
#include <signet/store/task.hpp>
