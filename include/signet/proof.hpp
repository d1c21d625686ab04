// SPDX-License-Identifier: BSL-1.0
// proof: that a key is held, a proof is used once and a request was meant.
#pragma once

#include <signet/version.hpp> // first: says what is wrong without C++20

#include <signet/proof/access_token.hpp>
#include <signet/proof/challenge.hpp>
#include <signet/proof/csrf.hpp>
#include <signet/proof/device_key.hpp>
#include <signet/proof/dpop.hpp>
#include <signet/proof/dpop_answer.hpp>
#include <signet/proof/dpop_nonces.hpp>
#include <signet/proof/record_key.hpp>
#include <signet/proof/replay.hpp>
#include <signet/proof/verified_key.hpp>
