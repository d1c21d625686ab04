// SPDX-License-Identifier: BSL-1.0
#include <signet/jose/src.hpp>
