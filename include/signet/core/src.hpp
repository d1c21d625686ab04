// SPDX-License-Identifier: BSL-1.0
// The bodies of core, for separate compilation: see <signet/src.hpp>.
#pragma once

#include <signet/core/impl/bytes.ipp>
#include <signet/core/impl/error.ipp>
#include <signet/core/impl/output.ipp>
#include <signet/core/impl/result.ipp>
#include <signet/core/impl/secret.ipp>
