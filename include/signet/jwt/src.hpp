// SPDX-License-Identifier: BSL-1.0
// The bodies of jwt, for separate compilation: see <signet/src.hpp>.
#pragma once

#include <signet/jwt/impl/answer.ipp>
#include <signet/jwt/impl/any_verifier.ipp>
#include <signet/jwt/impl/cache.ipp>
#include <signet/jwt/impl/claim_path.ipp>
#include <signet/jwt/impl/claims.ipp>
#include <signet/jwt/impl/claims_view.ipp>
#include <signet/jwt/impl/confirmation.ipp>
#include <signet/jwt/impl/key_source.ipp>
#include <signet/jwt/impl/multi_issuer_verifier.ipp>
#include <signet/jwt/impl/numeric_date.ipp>
#include <signet/jwt/impl/policy.ipp>
#include <signet/jwt/impl/providers.ipp>
#include <signet/jwt/impl/resource_metadata.ipp>
#include <signet/jwt/impl/signer.ipp>
#include <signet/jwt/impl/verified.ipp>
#include <signet/jwt/impl/verifier.ipp>
