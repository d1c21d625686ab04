// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/core/impl/wiped_text.hpp>
#include <signet/crypto/ecdsa_der.hpp>
#include <signet/crypto/openssl.hpp>
#include <signet/crypto/signature.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/opensslv.h>
#include <openssl/provider.h>
#include <openssl/rsa.h>
#include <openssl/store.h>
#include <openssl/ui.h>
#include <openssl/x509.h>

namespace signet { inline namespace SIGNET_ABI { namespace detail {

static_assert(OPENSSL_VERSION_MAJOR >= 3, "providers and OSSL_STORE of OpenSSL 3");

template <auto Free> struct openssl_deleter {
    template <class T> void operator()(T* object) const noexcept { Free(object); }
};
using openssl_evp_pkey = std::unique_ptr<EVP_PKEY, openssl_deleter<EVP_PKEY_free>>;
using openssl_operation = std::unique_ptr<EVP_MD_CTX, openssl_deleter<EVP_MD_CTX_free>>;
using openssl_number = std::unique_ptr<BIGNUM, openssl_deleter<BN_free>>;
using openssl_store = std::unique_ptr<OSSL_STORE_CTX, openssl_deleter<OSSL_STORE_close>>;
using openssl_object = std::unique_ptr<OSSL_STORE_INFO, openssl_deleter<OSSL_STORE_INFO_free>>;
using openssl_ui = std::unique_ptr<UI_METHOD, openssl_deleter<UI_destroy_method>>;

/// Takes the errors that OpenSSL queues meanwhile from the thread's queue.
struct openssl_errors {
    openssl_errors() noexcept { ERR_set_mark(); }
    ~openssl_errors() { ERR_pop_to_mark(); }
    openssl_errors(openssl_errors const&) = delete;
    openssl_errors& operator=(openssl_errors const&) = delete;
};

struct openssl_body {
    alg a{};
    public_key public_part;
    openssl_evp_pkey key;
    OSSL_LIB_CTX* library = nullptr;
    std::string properties;
    /// An operation that has begun, which `sign` copies; null for providers other than OpenSSL's own. Those may move
    /// what an operation holds into its copy.
    openssl_operation begun;
};

// ---- the public part ------------------------------------------------------------------------------------------------

inline result<bytes> openssl_number_of(EVP_PKEY const* key, char const* name, std::size_t size = 0) {
    BIGNUM* raw = nullptr;
    if (EVP_PKEY_get_bn_param(key, name, &raw) != 1) return errc::unsupported_key;
    openssl_number const number{raw};
    bytes octets(size ? size : static_cast<std::size_t>(BN_num_bytes(raw)));
    if (BN_bn2binpad(raw, octets.data(), static_cast<int>(octets.size())) < 0) return errc::bad_key;
    return octets;
}

inline curve openssl_curve_of(EVP_PKEY const* key) {
    char name[64];
    std::size_t size = 0;
    if (EVP_PKEY_get_group_name(key, name, sizeof name, &size) != 1) return curve::none;
    auto id = OBJ_txt2nid(name);
    if (id == NID_undef) id = EC_curve_nist2nid(name);
    switch (id) {
    case NID_X9_62_prime256v1: return curve::p256;
    case NID_secp384r1: return curve::p384;
    case NID_secp521r1: return curve::p521;
    case NID_secp256k1: return curve::secp256k1;
    default: return curve::none;
    }
}

inline result<public_key> openssl_public_part(EVP_PKEY const* key) {
    if (EVP_PKEY_is_a(key, "RSA") == 1) {
        auto const n = openssl_number_of(key, OSSL_PKEY_PARAM_RSA_N), e = openssl_number_of(key, OSSL_PKEY_PARAM_RSA_E);
        if (!n) return n.error();
        if (!e) return e.error();
        return public_key::from_rsa(*n, *e);
    }
    if (EVP_PKEY_is_a(key, "EC") == 1) {
        auto const crv = openssl_curve_of(key);
        if (crv == curve::none) return errc::unsupported_key;
        auto const size = (static_cast<std::size_t>(EVP_PKEY_get_bits(key)) + 7) / 8;
        auto const x = openssl_number_of(key, OSSL_PKEY_PARAM_EC_PUB_X, size),
                   y = openssl_number_of(key, OSSL_PKEY_PARAM_EC_PUB_Y, size);
        if (!x) return x.error();
        if (!y) return y.error();
        return public_key::from_ec(crv, *x, *y);
    }
    if (EVP_PKEY_is_a(key, "ED25519") == 1) {
        std::uint8_t x[32];
        std::size_t size = sizeof x;
        if (EVP_PKEY_get_raw_public_key(key, x, &size) != 1 || size != sizeof x) return errc::unsupported_key;
        return public_key::from_ed25519(x);
    }
    return errc::unsupported_key;
}

// ---- signing --------------------------------------------------------------------------------------------------------

inline bool is_pss(alg a) noexcept { return a == alg::ps256 || a == alg::ps384 || a == alg::ps512; }

/// Begins a signature: looks the provider's implementation up and sets the algorithm's parameters.
inline openssl_operation openssl_begin(openssl_body const& body) {
    constexpr char const* hashes[] = {"SHA256", "SHA384", "SHA512"};
    auto const& wanted = traits(body.a);
    auto const* const hash = wanted.type == key_type::okp ? nullptr : hashes[static_cast<std::size_t>(wanted.hash)];
    openssl_operation operation{EVP_MD_CTX_new()};
    EVP_PKEY_CTX* params = nullptr; // the operation's own
    if (!operation || EVP_DigestSignInit_ex(operation.get(), &params, hash, body.library,
                                            body.properties.empty() ? nullptr : body.properties.c_str(), body.key.get(),
                                            nullptr) != 1)
        return nullptr;
    if (wanted.type != key_type::rsa) return operation;
    auto const padding = is_pss(body.a) ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING;
    if (EVP_PKEY_CTX_set_rsa_padding(params, padding) <= 0) return nullptr;
    if (is_pss(body.a) && EVP_PKEY_CTX_set_rsa_pss_saltlen(params, RSA_PSS_SALTLEN_DIGEST) <= 0) return nullptr;
    return operation;
}

/// Whether an operation is carried out by OpenSSL itself, in this process.
inline bool is_openssl_own(EVP_MD_CTX* operation) noexcept {
    auto const* const provider = EVP_PKEY_CTX_get0_provider(EVP_MD_CTX_get_pkey_ctx(operation));
    if (!provider) return false;
    std::string_view const name{OSSL_PROVIDER_get0_name(provider)};
    return name == "default" || name == "fips";
}

/// Signs into all of `out`: r and s with a fixed size each (RFC 7518 section 3.4), which OpenSSL gives in DER.
inline bool openssl_sign(EVP_MD_CTX* operation, public_key const& key, bytes_view message,
                         std::span<std::uint8_t> out) {
    static constexpr std::uint8_t nothing = 0;
    auto const* const text = message.empty() ? &nothing : message.data();
    if (key.type() != key_type::ec) {
        auto size = out.size();
        return EVP_DigestSign(operation, out.data(), &size, text, message.size()) == 1 && size == out.size();
    }
    std::uint8_t der[256]; // P-521 takes 139
    auto size = sizeof der;
    return EVP_DigestSign(operation, der, &size, text, message.size()) == 1 &&
           crypto::ecdsa_from_der({der, size}, key.crv(), out).has_value();
}

inline openssl_handle::openssl_handle(std::shared_ptr<openssl_body const> body) noexcept : body_{std::move(body)} {}

SIGNET_DECL public_key const& openssl_handle::public_part() const noexcept { return body_->public_part; }

SIGNET_DECL result<std::size_t> openssl_handle::sign(bytes_view message, std::span<std::uint8_t> out) const {
    auto const size = body_->public_part.signature_size();
    if (out.size() < size) return errc::buffer_too_small;
    out = out.first(size);
    openssl_errors const errors;
    openssl_operation operation;
    if (body_->begun) {
        operation.reset(EVP_MD_CTX_new());
        if (!operation || EVP_MD_CTX_copy_ex(operation.get(), body_->begun.get()) != 1) return errc::signer_failed;
    } else {
        operation = openssl_begin(*body_);
    }
    if (!operation || !openssl_sign(operation.get(), body_->public_part, message, out)) return errc::signer_failed;
    if (!body_->begun && !crypto::detail::verify_by_botan(body_->public_part, body_->a, message, out))
        return errc::signer_failed;
    return size;
}

// ---- keys -----------------------------------------------------------------------------------------------------------

/// What a new key signs once. No token and no other protocol's text is like it.
inline constexpr std::string_view openssl_trial = "signet: does this key sign for its public part?";

inline result<std::shared_ptr<openssl_body const>> adopt_evp_pkey(alg a, openssl_evp_pkey key,
                                                                  openssl_params const& params) {
    if (traits(a).type == key_type::akp) return errc::unsupported_algorithm;
    if (!key) return errc::bad_key;
    auto public_part = openssl_public_part(key.get());
    if (!public_part) return public_part.error();
    if (!public_part->supports(a)) return errc::wrong_key_type;
    auto const body = std::make_shared<openssl_body>(openssl_body{
        a, *std::move(public_part), std::move(key), params.library, std::string{params.properties}, nullptr});
    auto operation = openssl_begin(*body);
    if (!operation) return errc::signer_failed;
    if (is_openssl_own(operation.get())) body->begun = openssl_begin(*body);

    std::uint8_t signature[max_signature_size];
    auto const out = std::span{signature}.first(body->public_part.signature_size());
    if (!openssl_sign(operation.get(), body->public_part, as_bytes(openssl_trial), out)) return errc::signer_failed;
    if (!crypto::detail::verify_by_botan(body->public_part, a, as_bytes(openssl_trial), out)) return errc::key_mismatch;
    return std::shared_ptr<openssl_body const>{body};
}

SIGNET_DECL result<openssl_handle> openssl_handle::from_evp_pkey(alg a, evp_pkey_st* key,
                                                                 openssl_params const& params) {
    openssl_errors const errors;
    if (!key || EVP_PKEY_up_ref(key) != 1) return errc::bad_key;
    auto body = adopt_evp_pkey(a, openssl_evp_pkey{key}, params);
    if (!body) return body.error();
    return openssl_handle{*std::move(body)};
}

SIGNET_DECL result<openssl_handle> openssl_handle::from_key(alg a, private_key const& key,
                                                            openssl_params const& params) {
    if (!key.public_part().supports(a)) return errc::wrong_key_type;
    if (traits(a).type == key_type::akp) return errc::unsupported_algorithm;
    openssl_errors const errors;
    auto const der = key.to_der();
    auto const* at = der.reveal().data();
    std::string const properties{params.properties};
    openssl_evp_pkey copy{d2i_AutoPrivateKey_ex(nullptr, &at, static_cast<long>(der.size()), params.library,
                                                properties.empty() ? nullptr : properties.c_str())};
    auto body = adopt_evp_pkey(a, std::move(copy), params);
    if (!body) return body.error();
    return openssl_handle{*std::move(body)};
}

/// Answers OpenSSL's question for a passphrase, without a copy of it here.
struct openssl_passphrase {
    secret const* passphrase;
    bool asked = false;

    static int read(UI* ui, UI_STRING* question) {
        auto const type = UI_get_string_type(question);
        if (type != UIT_PROMPT && type != UIT_VERIFY) return 1;
        auto& self = *static_cast<openssl_passphrase*>(UI_get0_user_data(ui));
        self.asked = true;
        if (!self.passphrase) return 0;
        auto const text = self.passphrase->reveal();
        return UI_set_result_ex(ui, question, reinterpret_cast<char const*>(text.data()),
                                static_cast<int>(text.size())) == 0;
    }
};

/// How often a store is asked for its next private key: some answer with nothing before they are at their end.
inline constexpr int max_openssl_loads = 64;

/// The one private key that a URI names.
inline result<openssl_evp_pkey> load_evp_pkey(char const* uri, secret const* passphrase, openssl_params const& params) {
    openssl_passphrase answer{passphrase};
    openssl_ui const ui{UI_create_method("signet")}; // OpenSSL's own would ask on the terminal
    if (!ui || UI_method_set_reader(ui.get(), openssl_passphrase::read) != 0) return errc::key_unavailable;
    std::string const properties{params.properties};
    openssl_store const store{OSSL_STORE_open_ex(uri, params.library, properties.empty() ? nullptr : properties.c_str(),
                                                 ui.get(), &answer, nullptr, nullptr, nullptr)};
    if (!store) return answer.asked ? errc::bad_passphrase : errc::key_unavailable;
    if (OSSL_STORE_expect(store.get(), OSSL_STORE_INFO_PKEY) != 1) return errc::key_unavailable;
    openssl_evp_pkey found;
    for (int tries = 0; OSSL_STORE_eof(store.get()) != 1; ++tries) {
        if (tries == max_openssl_loads) return errc::key_unavailable;
        openssl_object const object{OSSL_STORE_load(store.get())};
        if (!object && OSSL_STORE_error(store.get()) == 1) {
            if (found && !answer.asked) break; // a public key behind it, or the end
            return answer.asked && !found ? errc::bad_passphrase : errc::key_unavailable;
        }
        if (!object || OSSL_STORE_INFO_get_type(object.get()) != OSSL_STORE_INFO_PKEY) continue;
        if (found) return errc::key_unavailable; // which of them is not for chance to decide
        found.reset(OSSL_STORE_INFO_get1_PKEY(object.get()));
        answer.asked = false;
    }
    if (!found) return answer.asked ? errc::bad_passphrase : errc::key_unavailable;
    return found;
}

SIGNET_DECL result<openssl_handle> openssl_handle::from_uri(alg a, std::string_view uri, secret const* passphrase,
                                                            openssl_params const& params) {
    if (uri.find('\0') != uri.npos) return errc::key_unavailable;
    openssl_errors const errors;
    wiped_text const copy{std::string{uri}}; // it may have a PIN in it
    auto key = load_evp_pkey(copy.text.c_str(), passphrase, params);
    if (!key) return key.error();
    auto body = adopt_evp_pkey(a, *std::move(key), params);
    if (!body) return body.error();
    return openssl_handle{*std::move(body)};
}

}}} // namespace signet::detail
