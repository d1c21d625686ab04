// SPDX-License-Identifier: BSL-1.0
// An authenticator and the browser before it, in software: for tests of routes that take passkeys.
#pragma once

#include <signet/codec/base64url.hpp>
#include <signet/codec/json_reader.hpp>
#include <signet/codec/json_writer.hpp>
#include <signet/crypto/digest.hpp>
#include <signet/crypto/random.hpp>
#include <signet/crypto/signature.hpp>
#include <signet/jose/cose_key.hpp>

#include <array>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace testing {

namespace detail {

inline void append(bytes& to, bytes_view more) { to.insert(to.end(), more.begin(), more.end()); }

// {"sig": signature, "alg": ES256} of a packed statement, or nothing, between the other members of an attestation
// object in CBOR.
inline bytes attestation_object(bytes_view data, bytes_view self_signature) {
    auto const text = [](bytes& to, std::string_view chars) { // shorter than 24
        to.push_back(static_cast<std::uint8_t>(0x60 + chars.size()));
        append(to, as_bytes(chars));
    };
    auto const octets = [](bytes& to, bytes_view content) { // shorter than 2^16
        to.push_back(0x59);
        to.push_back(static_cast<std::uint8_t>(content.size() >> 8));
        to.push_back(static_cast<std::uint8_t>(content.size()));
        append(to, content);
    };
    auto const short_octets = [](bytes& to, bytes_view content) { // 24 to 255 of them
        to.push_back(0x58);
        to.push_back(static_cast<std::uint8_t>(content.size()));
        append(to, content);
    };
    bytes object{0xa3};
    text(object, "fmt"), text(object, self_signature.empty() ? "none" : "packed");
    text(object, "attStmt");
    if (self_signature.empty()) object.push_back(0xa0);
    else {
        object.push_back(0xa2);
        text(object, "alg"), object.push_back(0x26); // -7
        text(object, "sig"), short_octets(object, self_signature);
    }
    text(object, "authData");
    if (data.size() < 256) short_octets(object, data);
    else octets(object, data);
    return object;
}

// r and s as an authenticator writes them: two integers in DER (section 6.5.5).
inline bytes der_signature(bytes_view raw) {
    bytes numbers;
    for (auto half : {raw.first(raw.size() / 2), raw.subspan(raw.size() / 2)}) {
        while (half.size() > 1 && half[0] == 0) half = half.subspan(1);
        bool const pad = half[0] >= 0x80; // else it is negative
        numbers.push_back(0x02);
        numbers.push_back(static_cast<std::uint8_t>(half.size() + (pad ? 1 : 0)));
        if (pad) numbers.push_back(0);
        append(numbers, half);
    }
    bytes all{0x30, static_cast<std::uint8_t>(numbers.size())};
    append(all, numbers);
    return all;
}

// A text in JSON, by the names that lead to it.
inline result<std::string> text_at(codec::json_value at, std::initializer_list<std::string_view> path) {
    for (auto const name : path) {
        auto const member = at.find(name);
        if (!member) return member.error();
        at = *member;
    }
    auto const text = at.as_string();
    if (!text) return text.error();
    return std::string{*text};
}

// Whether a list of descriptors, which may be missing, names an id; `listed` says whether there is any.
inline bool names_id(codec::json_value options, std::string_view list, std::string_view id, bool& listed) {
    auto const all = options.find(list);
    bool named = false;
    listed = all && all->is_array() && all->size() != 0;
    if (!listed) return false;
    for (auto const one : *all) named = named || text_at(one, {"id"}).value_or(std::string{}) == id;
    return named;
}

} // namespace detail

/// What an authenticator and its browser say. A test changes it between two answers.
struct authenticator_claims {
    std::string origin;                      ///< of the page, such as "https://shop.example"
    std::optional<std::string> top_origin{}; ///< of the page around the frame; with it the ceremony is cross-origin
    bool user_present = true;
    bool user_verified = true;
    bool backup_eligible = false; ///< whether the passkey can be synced
    bool backed_up = false;
    bool self_attestation = false; ///< whether the new key signs its registration: the format is "packed", else "none"
    std::uint32_t count = 0;       ///< the signature counter of the last answer
    std::uint32_t counts_by = 1;   ///< added before each login; 0 for an authenticator without counter, and for a clone
};

/// An authenticator with one passkey of ES256, and the browser before it: it answers options as a page would that calls
/// `navigator.credentials` and `toJSON()`. A copy is a clone, with the same key.
///
/// It is for tests only: it asks nobody, and answers for every site.
///
/// Thread safety: one thread at a time.
/// Lifetime: the source behind `rng` must outlive the object.
///
/// @par Example
/// `testing::authenticator phone{{.origin = "https://shop.example"}}; auto answer = phone.create(*options);`
class authenticator {
public:
    /// Makes an authenticator without a passkey. Key and id come from `rng`, so `fixed_random` repeats them.
    explicit authenticator(authenticator_claims claims, random_ref rng = system_random())
        : says{std::move(claims)}, rng_{rng} {}

    authenticator_claims says; ///< in the answers to come

    /// Answers the options of a registration (`begin_registration`, `write_creation_options`) with a
    /// RegistrationResponseJSON, by a new passkey in the place of the one there was.
    ///
    /// Errors: those of reading JSON; `algorithm_not_allowed` if the options do not offer ES256;
    /// `credential_registered` if they exclude the passkey there is, as a browser's InvalidStateError.
    [[nodiscard]] result<std::string> create(std::string_view options) {
        auto const document = codec::json_document::parse(options);
        if (!document) return document.error();
        auto const root = document->root();
        auto const challenge = detail::text_at(root, {"challenge"}), site = detail::text_at(root, {"rp", "id"}),
                   user = detail::text_at(root, {"user", "id"});
        for (auto const* member : {&challenge, &site, &user})
            if (!*member) return member->error();
        if (!offers_es256(root)) return errc::algorithm_not_allowed;
        bool listed = false;
        if (key_ && detail::names_id(root, "excludeCredentials", id_text(), listed)) return errc::credential_registered;

        renew_key();
        user_handle_ = *user;
        auto data = authenticator_data(*site, 0x40);
        detail::append(data, bytes(16)); // no AAGUID
        data.push_back(0);
        data.push_back(static_cast<std::uint8_t>(id_.size()));
        detail::append(data, id_);
        auto const cose = jose::to_cose({key_->public_part(), alg::es256, -7});
        if (!cose) return cose.error();
        detail::append(data, *cose);
        auto const client = client_data("webauthn.create", *challenge);
        if (!client) return client.error();
        bytes signature;
        if (says.self_attestation) {
            auto made = sign(data, *client);
            if (!made) return made.error();
            signature = *std::move(made);
        }
        auto const object = codec::base64url_encode(detail::attestation_object(data, signature));
        return answer(*client, R"("attestationObject":")" + object + R"(","transports":["internal"])");
    }

    /// Answers the options of a login (`begin_login`, `write_request_options`) with an AuthenticationResponseJSON.
    ///
    /// Errors: those of reading JSON; `webauthn_credential_unknown` without a passkey, and if the options list others
    /// only, as a browser's NotAllowedError.
    [[nodiscard]] result<std::string> get(std::string_view options) {
        auto const document = codec::json_document::parse(options);
        if (!document) return document.error();
        auto const root = document->root();
        auto const challenge = detail::text_at(root, {"challenge"}), site = detail::text_at(root, {"rpId"});
        for (auto const* member : {&challenge, &site})
            if (!*member) return member->error();
        bool listed = false;
        bool const named = key_ && detail::names_id(root, "allowCredentials", id_text(), listed);
        if (!key_ || (listed && !named)) return errc::webauthn_credential_unknown;

        says.count += says.counts_by;
        auto const data = authenticator_data(*site, 0);
        auto const client = client_data("webauthn.get", *challenge);
        if (!client) return client.error();
        auto const signature = sign(data, *client);
        if (!signature) return signature.error();
        return answer(*client, R"("authenticatorData":")" + codec::base64url_encode(data) + R"(","signature":")" +
                                   codec::base64url_encode(*signature) + R"(","userHandle":")" + user_handle_ + '"');
    }

    /// Returns the id of the passkey; empty before the first registration.
    [[nodiscard]] bytes id() const { return id_; }

private:
    [[nodiscard]] std::string id_text() const { return codec::base64url_encode(id_); }

    static bool offers_es256(codec::json_value root) {
        auto const offered = root.find("pubKeyCredParams");
        if (!offered || !offered->is_array()) return false;
        for (auto const one : *offered) {
            auto const number = one.find("alg").and_then([](codec::json_value v) { return v.as_int64(); });
            if (number && *number == -7) return true;
        }
        return false;
    }

    void renew_key() {
        id_.assign(16, 0);
        rng_.fill(id_);
        key_.reset();
        while (!key_) { // nearly every number is below the order
            std::array<std::uint8_t, 32> scalar;
            rng_.fill(scalar);
            if (auto made = private_key::from_ec(curve::p256, scalar)) key_ = *std::move(made);
        }
    }

    [[nodiscard]] bytes authenticator_data(std::string_view site, unsigned more_flags) const {
        auto const flags = (says.user_present ? 0x01u : 0u) | (says.user_verified ? 0x04u : 0u) |
                           (says.backup_eligible ? 0x08u : 0u) | (says.backed_up ? 0x10u : 0u) | more_flags;
        auto const hash = crypto::sha256(as_bytes(site));
        bytes data{hash.begin(), hash.end()};
        data.push_back(static_cast<std::uint8_t>(flags));
        for (unsigned shift : {24u, 16u, 8u, 0u})
            data.push_back(static_cast<std::uint8_t>(says.count >> shift & 0xffu));
        return data;
    }

    [[nodiscard]] result<std::string> client_data(std::string_view type, std::string_view challenge) const {
        std::string text;
        output out{text};
        codec::json_writer json{out};
        json.begin_object().member("type", type).member("challenge", challenge).member("origin", says.origin);
        json.member("crossOrigin", says.top_origin.has_value());
        if (says.top_origin) json.member("topOrigin", *says.top_origin);
        json.end_object();
        if (auto const done = json.finish(); !done) return done.error();
        return text;
    }

    [[nodiscard]] result<bytes> sign(bytes_view data, std::string_view client) const {
        bytes message{data.begin(), data.end()};
        detail::append(message, crypto::sha256(as_bytes(client)));
        auto const raw = crypto::sign(*key_, alg::es256, message);
        if (!raw) return raw.error();
        return detail::der_signature(*raw);
    }

    [[nodiscard]] std::string answer(std::string_view client, std::string const& members) const {
        auto const id = id_text();
        return R"({"id":")" + id + R"(","rawId":")" + id +
               R"(","type":"public-key","authenticatorAttachment":"platform","clientExtensionResults":{},)" +
               R"("response":{"clientDataJSON":")" + codec::base64url_encode(as_bytes(client)) + "\"," + members + "}}";
    }

    random_ref rng_;
    bytes id_{};
    std::string user_handle_{}; // in base64url
    std::optional<private_key> key_{};
};

}}} // namespace signet::testing
