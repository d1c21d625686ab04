// SPDX-License-Identifier: BSL-1.0
// The bodies of jose, for separate compilation: see <signet/src.hpp>.
#pragma once

#include <signet/jose/impl/cose_key.ipp>
#include <signet/jose/impl/jwk.ipp>
#include <signet/jose/impl/jwk_set.ipp>
#include <signet/jose/impl/jwk_set_writer.ipp>
#include <signet/jose/impl/jws.ipp>
#include <signet/jose/impl/peek.ipp>
#include <signet/jose/impl/thumbprint.ipp>
