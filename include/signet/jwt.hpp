// SPDX-License-Identifier: BSL-1.0
// jwt: issue and verify signed tokens (RFC 7519).
#pragma once

#include <signet/version.hpp> // first: says what is wrong without C++20

#include <signet/jwt/answer.hpp>
#include <signet/jwt/any_verifier.hpp>
#include <signet/jwt/cache.hpp>
#include <signet/jwt/claim_path.hpp>
#include <signet/jwt/claims.hpp>
#include <signet/jwt/claims_view.hpp>
#include <signet/jwt/confirmation.hpp>
#include <signet/jwt/key_source.hpp>
#include <signet/jwt/limits.hpp>
#include <signet/jwt/multi_issuer_verifier.hpp>
#include <signet/jwt/numeric_date.hpp>
#include <signet/jwt/policy.hpp>
#include <signet/jwt/preparation.hpp>
#include <signet/jwt/providers.hpp>
#include <signet/jwt/resource_metadata.hpp>
#include <signet/jwt/signer.hpp>
#include <signet/jwt/verified.hpp>
#include <signet/jwt/verifier.hpp>
