// SPDX-License-Identifier: BSL-1.0
// The bodies of store, for separate compilation: see <signet/src.hpp>.
#pragma once

#include <signet/store/impl/breaker.ipp>
#include <signet/store/impl/encryption_keys.ipp>
#include <signet/store/impl/memory.ipp>
#include <signet/store/impl/metrics.ipp>
#include <signet/store/impl/record.ipp>
#include <signet/store/impl/scan.ipp>
