// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/codec/base64url.hpp>
#include <signet/crypto/mac.hpp>
#include <signet/crypto/signature.hpp>
#include <signet/jwt/impl/thread_states.hpp>
#include <signet/jwt/signer.hpp>

#include <optional>

namespace signet { inline namespace SIGNET_ABI { namespace jwt { namespace detail {

/// What a thread needs to sign: Botan's operations are not to be shared.
struct signer_state {
    std::optional<crypto::sign_operation> signature;
    std::optional<crypto::hmac> mac;
};

class signer_core {
public:
    alg a{};
    std::string header; // encoded, with the dot
    std::optional<private_key> key;
    std::optional<mac_key> secret;
    external_signer external;
    std::size_t signature_size = 0; // 0: not known before it is made
    mutable thread_states<signer_state> states_;

    result<std::size_t> sign(bytes_view message, std::span<std::uint8_t> out) const {
        if (external.sign) {
            auto size = external.sign(external.object.get(), message, out);
            if (size && *size != signature_size) return errc::signer_failed;
            return size;
        }
        auto loan = states_.borrow();
        auto& state = *loan;
        auto size = result<std::size_t>{errc::signer_failed};
        if (secret) {
            if (!state.mac) state.mac.emplace(crypto::hmac::make(*secret));
            state.mac->update(message);
            state.mac->finish(out.first(signature_size));
            size = signature_size;
        } else if (key) {
            if (!state.signature) {
                auto made = crypto::sign_operation::make(*key, a);
                if (!made) return made.error();
                state.signature.emplace(*std::move(made));
            }
            size = state.signature->sign(message, out);
        }
        loan.give_back();
        return size;
    }
};

SIGNET_DECL void signer_deleter::operator()(signer_core* core) const noexcept { delete core; }

inline signer_handle::signer_handle(std::unique_ptr<signer_core, signer_deleter> core) noexcept
    : core_{std::move(core)} {}

/// The encoded header: alg, typ, kid, in this order.
inline result<std::string> encode_header(alg a, token_header const& header) {
    std::string json;
    output out{json};
    codec::json_writer w{out};
    w.begin_object().member("alg", jose::algorithm_name(a, header.ed25519));
    if (!header.type.empty()) w.member("typ", header.type);
    if (!header.key_id.empty()) w.member("kid", header.key_id);
    w.end_object();
    if (auto const written = w.finish(); !written) return written.error();
    return codec::base64url_encode(as_bytes(json)) + '.';
}

inline result<std::unique_ptr<signer_core, signer_deleter>> make_signer_core(alg a, token_header const& header) {
    auto encoded = encode_header(a, header);
    if (!encoded) return encoded.error();
    std::unique_ptr<signer_core, signer_deleter> core{new signer_core};
    core->a = a;
    core->header = *std::move(encoded);
    core->signature_size = traits(a).signature_size;
    return core;
}

SIGNET_DECL result<signer_handle> signer_handle::make(alg a, private_key key, token_header const& header) {
    auto core = make_signer_core(a, header);
    if (!core) return core.error();
    auto tried = crypto::sign_operation::make(key, a);
    if (!tried) return tried.error();
    (*core)->signature_size = key.public_part().signature_size();
    (*core)->key = std::move(key);
    return signer_handle{*std::move(core)};
}

SIGNET_DECL result<signer_handle> signer_handle::make(alg a, mac_key key, token_header const& header) {
    auto core = make_signer_core(a, header);
    if (!core) return core.error();
    if (key.algorithm_id() != a) return errc::wrong_key_type;
    (*core)->secret = std::move(key);
    return signer_handle{*std::move(core)};
}

SIGNET_DECL result<signer_handle> signer_handle::make(alg a, external_signer key, token_header const& header) {
    auto core = make_signer_core(a, header);
    if (!core) return core.error();
    auto const fixed = traits(a).signature_size;
    auto const fits = fixed ? key.signature_size == fixed
                            : key.signature_size >= 256 && key.signature_size <= signet::detail::max_rsa_signature_size;
    if (!fits) return errc::wrong_key_type;
    (*core)->signature_size = key.signature_size;
    (*core)->external = std::move(key);
    return signer_handle{*std::move(core)};
}

SIGNET_DECL result<signer_handle> signer_handle::make(alg a, token_header const& header) {
    auto core = make_signer_core(a, header);
    if (!core) return core.error();
    return signer_handle{*std::move(core)};
}

// ---- signing -------------------------------------------------------------------------------------------------------

SIGNET_DECL result<std::string_view> signer_handle::signing_input(claims const& payload, std::span<char> out) const {
    auto const json = payload.json();
    if (!json) return json.error();
    output text{out};
    text.append(core_->header);
    codec::base64url_encode(as_bytes(*json), text);
    return text.finish();
}

SIGNET_DECL result<std::string> signer_handle::signing_input(claims const& payload) const {
    auto const json = payload.json();
    if (!json) return json.error();
    std::string text;
    text.reserve(core_->header.size() + codec::base64url_encoded_size(json->size()) + 1 +
                 codec::base64url_encoded_size(core_->signature_size));
    text.append(core_->header);
    output out{text};
    codec::base64url_encode(as_bytes(*json), out);
    return text;
}

SIGNET_DECL result<std::string_view> signer_handle::sign(claims const& payload, std::span<char> out) const {
    auto const input = signing_input(payload, out);
    if (!input) return input.error();
    // Before the key is used: space for the rest.
    auto const rest = out.subspan(input->size());
    if (rest.size() < 1 + codec::base64url_encoded_size(core_->signature_size)) return errc::buffer_too_small;

    std::uint8_t signature[max_signature_size];
    auto const size = core_->sign(as_bytes(*input), signature);
    if (!size) return size.error();
    output tail{rest};
    tail.append('.');
    codec::base64url_encode(bytes_view{signature, *size}, tail);
    auto const written = tail.finish();
    if (!written) return written.error();
    return std::string_view{out.data(), input->size() + written->size()};
}

SIGNET_DECL result<std::string> signer_handle::sign(claims const& payload) const {
    auto text = signing_input(payload);
    if (!text) return text.error();
    std::uint8_t signature[max_signature_size];
    auto const size = core_->sign(as_bytes(*text), signature);
    if (!size) return size.error();
    return complete(*std::move(text), bytes_view{signature, *size});
}

SIGNET_DECL result<std::string> signer_handle::complete(std::string input, bytes_view signature) const {
    // RSA's size is the key's, which is not here in the split form: anything from 2048 bits up.
    auto const fixed = core_->signature_size;
    auto const fits = fixed ? signature.size() == fixed
                            : signature.size() >= 256 && signature.size() <= signet::detail::max_rsa_signature_size;
    if (!fits) return errc::bad_signature;
    output out{input};
    out.append('.');
    codec::base64url_encode(signature, out);
    return input;
}

}}}} // namespace signet::jwt::detail
