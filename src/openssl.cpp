// SPDX-License-Identifier: BSL-1.0
#include <signet/crypto/openssl_src.hpp>
