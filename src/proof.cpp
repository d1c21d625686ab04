// SPDX-License-Identifier: BSL-1.0
#include <signet/proof/src.hpp>
