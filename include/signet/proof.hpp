// SPDX-License-Identifier: BSL-1.0
// proof: that a key is held and a proof is used once.
#pragma once

#include <signet/proof/challenge.hpp>
#include <signet/proof/record_key.hpp>
#include <signet/proof/replay.hpp>
