// SPDX-License-Identifier: BSL-1.0
// The table of refusals, for whoever prints all of it; everybody else asks name() and message().
#pragma once

#include <signet/core/error.hpp>

#include <signet/core/impl/error_table.ipp>
