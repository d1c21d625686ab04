// SPDX-License-Identifier: BSL-1.0
// The bodies of <signet/crypto/openssl.hpp>, for separate compilation: included in one .cpp, beside those of
// <signet/src.hpp>.
#pragma once

#include <signet/crypto/impl/openssl.ipp>
