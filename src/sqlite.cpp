// SPDX-License-Identifier: BSL-1.0
#include <signet/store/sqlite_src.hpp>
