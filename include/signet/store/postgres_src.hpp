// SPDX-License-Identifier: BSL-1.0
// The bodies of <signet/store/postgres.hpp>, for separate compilation: included in one .cpp, beside those of
// <signet/src.hpp>.
#pragma once

#include <signet/store/impl/postgres.ipp>
#include <signet/store/impl/postgres_protocol.ipp>
