// SPDX-License-Identifier: BSL-1.0
#include <signet/webauthn/src.hpp>
