// SPDX-License-Identifier: BSL-1.0
#include <signet/codec/src.hpp>
#include <signet/core/src.hpp>
#include <signet/http/src.hpp>
#include <signet/store/src.hpp>
