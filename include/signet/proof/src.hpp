// SPDX-License-Identifier: BSL-1.0
// The bodies of proof, for separate compilation: see <signet/src.hpp>.
#pragma once

#include <signet/proof/impl/access_token.ipp>
#include <signet/proof/impl/challenge.ipp>
#include <signet/proof/impl/csrf.ipp>
#include <signet/proof/impl/device_key.ipp>
#include <signet/proof/impl/dpop.ipp>
#include <signet/proof/impl/dpop_answer.ipp>
#include <signet/proof/impl/dpop_nonces.ipp>
#include <signet/proof/impl/record_key.ipp>
#include <signet/proof/impl/replay.ipp>
#include <signet/proof/impl/verified_key.ipp>
