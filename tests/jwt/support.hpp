// What the tests of jwt share: keys made once, and tokens of any content with a good signature.
#pragma once

#include <signet/codec/base64url.hpp>
#include <signet/crypto/signing_key.hpp>
#include <signet/jwt.hpp>

#include <doctest/doctest.h>

#include <string>
#include <string_view>

namespace support {

using namespace signet;
using namespace std::chrono_literals;

inline constexpr unix_time now{1'658'056'533s};

/// One key an algorithm, made once.
template <algorithm A> local_key<A> const& key() {
    static auto const made = *local_key<A>::generate();
    return made;
}
/// Another one.
template <algorithm A> local_key<A> const& other_key() {
    static auto const made = *local_key<A>::generate();
    return made;
}

template <algorithm A> jose::key_set<A> keys(std::string_view kid = "k1", local_key<A> const& which = key<A>()) {
    jose::key_set<A> set;
    (void)set.add(std::string{kid}, which.verifier_key());
    return set;
}

inline std::string encode(std::string_view text) { return codec::base64url_encode(as_bytes(text)); }

/// Signs whatever it is given.
template <algorithm A> std::string sign(std::string const& input, local_key<A> const& with = key<A>()) {
    std::uint8_t signature[max_signature_size];
    auto const size = with.sign(as_bytes(input), signature);
    return input + '.' + codec::base64url_encode(bytes_view{signature, *size});
}
template <algorithm A = hs256>
std::string signed_token(std::string_view header, std::string_view payload, local_key<A> const& with = key<A>()) {
    return sign<A>(encode(header) + '.' + encode(payload), with);
}

template <algorithm A> std::string header_of(std::string_view more = R"(,"typ":"at+jwt","kid":"k1")") {
    return R"({"alg":")" + std::string{jose::algorithm_name(A::id)} + '"' + std::string{more} + '}';
}

/// Whose token it is; empty where it is none.
template <class T> std::string subject_of(result<T> const& answer) {
    return answer ? std::string{answer->subject()} : std::string{};
}

/// A policy that only wants a signature.
inline jwt::policy lenient() {
    return {.issuer = jwt::anything, .audience = jwt::anything, .type = jwt::anything, .expiry = jwt::anything};
}

/// The usual one of these tests.
inline jwt::policy strict() { return {.issuer = "https://id.example", .audience = "orders", .type = "at+jwt"}; }

/// What a verifier of HS256 with `rules` says about a payload; `errc` of a success is never one of these.
inline constexpr auto accepted = static_cast<errc>(0xffff);
inline errc judge(jwt::policy rules, std::string_view payload, unix_time at = now,
                  std::string const& header = header_of<hs256>()) {
    jwt::verifier<hs256> const v{keys<hs256>(), std::move(rules)};
    auto const token = v.verify(signed_token(header, payload), at);
    return token ? accepted : token.error().code;
}

} // namespace support

namespace signet { inline namespace SIGNET_ABI {
inline doctest::String toString(errc code) { // how a failing CHECK prints it
    return code == support::accepted ? "accepted" : std::string{name(code)}.c_str();
}
}} // namespace signet
