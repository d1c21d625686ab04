// SPDX-License-Identifier: BSL-1.0
#include <signet/store/redis_src.hpp>
