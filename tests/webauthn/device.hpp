// A user's device and a page: they answer the options that the operations give.
#pragma once

#include "authenticator.hpp"

#include <signet/store/memory.hpp>

namespace webauthn_test {

/// A member of options or of another text in JSON, as text; its members are separated by dots.
inline std::string text_in(std::string_view json, std::string_view path) {
    auto const document = codec::json_document::parse(json);
    REQUIRE(document);
    auto at = document->root();
    while (!path.empty()) {
        auto const name = path.substr(0, path.find('.'));
        path.remove_prefix(std::min(path.size(), name.size() + 1));
        auto const member = at.find(name);
        REQUIRE(member);
        at = *member;
    }
    return std::string{at.as_string().value()};
}

/// The ids of a list of descriptors, or of texts, in base64url.
inline std::vector<std::string> ids_in(std::string_view json, std::string_view list) {
    auto const document = codec::json_document::parse(json);
    REQUIRE(document);
    std::vector<std::string> ids;
    auto const elements = document->root().find(list).value();
    for (auto const element : elements)
        ids.emplace_back(element.is_object() ? element.find("id").value().as_string().value()
                                             : element.as_string().value());
    return ids;
}

/// A passkey on a device.
struct passkey {
    registration made;
    bytes handle{};

    explicit passkey(std::uint8_t number = 1, std::int32_t identifier = -7) : made{identifier} {
        made.id = bytes(16, number);
        made.json_more = R"(,"transports":["hybrid","internal"])";
    }
    [[nodiscard]] bytes const& id() const { return made.id; }
    [[nodiscard]] std::string id_text() const { return codec::base64url_encode(made.id); }

    /// Answers creation options.
    std::string created(std::string_view options) {
        made.challenge = text_in(options, "challenge");
        handle = *codec::base64url_decode(text_in(options, "user.id"));
        return made.answer();
    }
    /// The answer to request options; `bend` may change it.
    template <class Bend> [[nodiscard]] std::string asserted(std::string_view options, Bend bend) const {
        assertion answer;
        answer.key = made.key;
        answer.id = made.id;
        answer.challenge = text_in(options, "challenge");
        answer.user_handle = '"' + codec::base64url_encode(handle) + '"';
        bend(answer);
        return answer.answer();
    }
    [[nodiscard]] std::string asserted(std::string_view options) const {
        return asserted(options, [](assertion&) {});
    }
};

inline constexpr webauthn::begin_registration_params anna{.user = "user-1", .user_name = "anna", .session = "s1"};
inline constexpr webauthn::begin_registration_params bert{.user = "user-2", .user_name = "bert", .session = "s1"};

/// Registers a passkey of the user in the session of `who`.
template <class Store>
result<webauthn::attested> register_passkey(passkey& key, Store& db, webauthn::begin_registration_params const& who,
                                            unix_time at = now, webauthn::relying_party const& rp = shop) {
    auto const options = run(webauthn::begin_registration(rp, who, at), db);
    if (!options) return options.error();
    return run(webauthn::finish_registration(rp, key.created(*options),
                                             {.user = who.user, .session = who.session, .label = "Phone"}, at),
               db);
}

/// Logs in without a user's name.
template <class Store> result<webauthn::login> log_in(passkey const& key, Store& db, unix_time at = now) {
    auto const options = run(webauthn::begin_login(shop, {}, at), db);
    if (!options) return options.error();
    return run(webauthn::finish_login(shop, key.asserted(*options), {}, at), db);
}

} // namespace webauthn_test
