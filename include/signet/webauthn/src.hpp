// SPDX-License-Identifier: BSL-1.0
// The bodies of webauthn, for separate compilation: see <signet/src.hpp>.
#pragma once

#include <signet/webauthn/impl/answer.ipp>
#include <signet/webauthn/impl/authenticator_data.ipp>
#include <signet/webauthn/impl/ceremonies.ipp>
#include <signet/webauthn/impl/client_data.ipp>
#include <signet/webauthn/impl/credential.ipp>
#include <signet/webauthn/impl/credentials.ipp>
#include <signet/webauthn/impl/judge.ipp>
#include <signet/webauthn/impl/options.ipp>
#include <signet/webauthn/impl/relying_party.ipp>
#include <signet/webauthn/impl/signature_check.ipp>
#include <signet/webauthn/impl/statement.ipp>
