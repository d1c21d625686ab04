#include "dpop_requests.hpp"

using namespace dpop_requests;
using proof::dpop_nonces;

TEST_CASE("RFC 9449 8: a nonce changes with each step and is known for those before and after") {
    auto const key = *mac_key::generate(alg::hs256);
    dpop_nonces const nonces{key, {.step = 60s, .past = 2, .future = 1}};
    unix_time const start{1'800'000'000s}; // a whole minute
    auto const nonce = nonces.make(start);
    CHECK(nonce.size() == proof::dpop_nonce_size);
    CHECK(nonce == nonces.make(start + 59s));
    CHECK(nonce != nonces.make(start + 60s));
    CHECK(nonce != nonces.make(start - 1s));
    for (int t = -400; t != 400; ++t) {
        auto const known = nonces.issued(nonce, start + std::chrono::seconds{t});
        bool const in_time = t >= -60 && t < 180;
        REQUIRE(known.has_value() == in_time);
        if (known) CHECK(*known == start);
        else CHECK(known.error() == errc::dpop_nonce_unknown);
    }
    CHECK(nonces.expires(start) == start + 180s);
    CHECK(dpop_nonces{key}.issued(nonce, start)); // a server of the same key
    CHECK_FALSE(dpop_nonces{*mac_key::generate(alg::hs256)}.issued(nonce, start));
    CHECK_FALSE(dpop_nonces{*mac_key::generate(alg::hs512)}.issued(nonce, start));
}

TEST_CASE("RFC 9449 8: what is no nonce of ours is refused") {
    dpop_nonces const nonces{*mac_key::generate(alg::hs256)};
    auto const nonce = nonces.make(now);
    CHECK(nonces.issued(nonce, now));
    for (auto const& text : {std::string{}, nonce + "A", nonce.substr(1), std::string(43, 'A'), std::string(43, '*'),
                             nonce.substr(0, 42) + "="})
        CHECK(nonces.issued(text, now).error() == errc::dpop_nonce_unknown);
    for (std::size_t i = 0; i != nonce.size(); ++i) {
        auto other = nonce;
        other[i] = other[i] == 'A' ? 'B' : 'A';
        CHECK_FALSE(nonces.issued(other, now));
    }
}

TEST_CASE("dpop_nonces: values outside their range, and times at its ends") {
    auto const key = *mac_key::generate(alg::hs256);
    dpop_nonces const odd{key, {.step = 0s, .past = 1'000, .future = 1'000}};
    auto const nonce = odd.make(now);
    CHECK(odd.issued(nonce, now + 10s));
    CHECK_FALSE(odd.issued(nonce, now + 11s));
    dpop_nonces const slow{key, {.step = std::chrono::hours{24}}};
    CHECK_FALSE(slow.issued(slow.make(now), now + 4h));
    dpop_nonces const nonces{key};
    for (auto t : {unix_time{}, unix_time{-5s}, latest_time, unix_time::max(), unix_time::min()})
        CHECK(nonces.issued(nonces.make(t), t));
}

TEST_CASE("RFC 9449 8.1: the client reads one nonce of the allowed characters") {
    auto const read = [](std::vector<std::string_view> const& values) { return proof::read_dpop_nonce(values); };
    CHECK(*read({" eyJ7S_zG.eyJH0-Z.HX4w-7v "}) == "eyJ7S_zG.eyJH0-Z.HX4w-7v");
    CHECK(read({}).error() == errc::header_missing);
    CHECK(read({"a", "b"}).error() == errc::malformed_header_field);
    for (auto const* bad : {"", " ", "a b", "a\"b", "a\\b", "\x7f", "\xc3\xa4"})
        CHECK(read({bad}).error() == errc::malformed_header_field);
}
