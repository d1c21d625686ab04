// SPDX-License-Identifier: BSL-1.0
// Separate compilation: include this in exactly one .cpp of a program whose every TU defines SIGNET_SEPARATE_COMPILATION.
#pragma once

#ifndef SIGNET_SEPARATE_COMPILATION
#    error "define SIGNET_SEPARATE_COMPILATION for the whole program before including <signet/src.hpp>"
#endif

#include <signet/core/impl/error.ipp>
#include <signet/codec/impl/base64url.ipp>
#include <signet/codec/impl/base64url_secret.ipp>
#include <signet/codec/impl/json_reader.ipp>
#include <signet/codec/impl/json_writer.ipp>
#include <signet/crypto/impl/key.ipp>
#include <signet/crypto/impl/mac.ipp>
#include <signet/crypto/impl/digest.ipp>
#include <signet/crypto/impl/random.ipp>
#include <signet/crypto/impl/signature.ipp>
#include <signet/crypto/impl/prepared_key.ipp>
#include <signet/jose/impl/jwk.ipp>
#include <signet/jose/impl/jwk_set.ipp>
#include <signet/jose/impl/thumbprint.ipp>
#include <signet/jose/impl/jws.ipp>
#include <signet/jose/impl/peek.ipp>
#include <signet/jwt/impl/numeric_date.ipp>
#include <signet/jwt/impl/claims_view.ipp>
#include <signet/jwt/impl/confirmation.ipp>
#include <signet/jwt/impl/policy.ipp>
#include <signet/jwt/impl/verified.ipp>
#include <signet/jwt/impl/verifier.ipp>
#include <signet/jwt/impl/cache.ipp>
#include <signet/jwt/impl/any_verifier.ipp>
#include <signet/jwt/impl/by_issuer.ipp>
#include <signet/jwt/impl/claims.ipp>
#include <signet/jwt/impl/signer.ipp>
#include <signet/jwt/impl/key_source.ipp>
#include <signet/http/impl/cache_control.ipp>
#include <signet/http/impl/cookie.ipp>
#include <signet/http/impl/set_cookie.ipp>
#include <signet/http/impl/structured_field.ipp>
#include <signet/http/impl/structured_serialize.ipp>
#include <signet/http/impl/structured_value.ipp>
#include <signet/http/impl/target.ipp>
#include <signet/store/impl/record.ipp>
#include <signet/store/impl/memory.ipp>
#include <signet/proof/impl/csrf.ipp>
#include <signet/proof/impl/record_key.ipp>
#include <signet/proof/impl/challenge.ipp>
#include <signet/proof/impl/replay.ipp>
#include <signet/proof/impl/verified_key.ipp>
#include <signet/proof/impl/device_key.ipp>
#include <signet/session/impl/device_registry.ipp>
#include <signet/session/impl/refresh.ipp>
#include <signet/session/impl/live_session.ipp>
#include <signet/session/impl/login_session.ipp>
#include <signet/session/impl/use_session.ipp>
#include <signet/dbsc/impl/policy.ipp>
#include <signet/dbsc/impl/message.ipp>
#include <signet/dbsc/impl/instructions.ipp>
#include <signet/dbsc/impl/proof_token.ipp>
#include <signet/dbsc/impl/live_session.ipp>
#include <signet/dbsc/impl/session_record.ipp>
#include <signet/dbsc/impl/registration.ipp>
#include <signet/dbsc/impl/refresh.ipp>
#include <signet/dbsc/impl/cookie_check.ipp>
#include <signet/dbsc/impl/ending.ipp>
