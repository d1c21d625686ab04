// SPDX-License-Identifier: BSL-1.0
#include <signet/store/postgres_src.hpp>
