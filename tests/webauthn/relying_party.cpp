#include "authenticator.hpp"

using namespace webauthn_test;

namespace {

constexpr std::int32_t ml_dsa[] = {-7, -48}, es256_twice[] = {-7, -8, -7};

template <class Change> constexpr std::string_view complaint(Change change) {
    auto params = shop_params;
    change(params);
    return webauthn::relying_party::complaint(params);
}
static_assert(complaint([](auto&) {}).empty());
static_assert(!complaint([](auto& p) { p.rp_id = ""; }).empty());
static_assert(!complaint([](auto& p) { p.origins = {}; }).empty());

template <class Change> std::string refused(Change change) {
    auto params = shop_params;
    change(params);
    CHECK(webauthn::relying_party::make(params).error() == errc::invalid_relying_party);
    return std::string{webauthn::relying_party::complaint(params)};
}
std::string with_origin(std::string_view origin, std::string_view rp_id = "shop.example") {
    std::string_view const one[] = {origin};
    auto params = shop_params;
    params.origins = one, params.rp_id = rp_id;
    return std::string{webauthn::relying_party::complaint(params)};
}

} // namespace

TEST_CASE("W7: a policy from configuration owns its texts and lists, and so do its copies") {
    auto const made = [] {
        std::vector<std::string> texts{"https://shop.example", "https://login.shop.example:8443",
                                       "https://a-name-that-does-not-fit-a-small-string.shop.test",
                                       "https://partner.example"};
        std::vector<std::string_view> const views{texts.begin(), texts.end()};
        std::string id = "shop.example", name = "A shop whose name is no small text";
        std::vector<std::int32_t> algorithms{-7, -8};
        std::span<std::string_view const> const all{views};
        auto const owned = webauthn::relying_party::make({.rp_id = id,
                                                          .name = name,
                                                          .origins = all.first(2),
                                                          .related_origins = all.subspan(2, 1),
                                                          .cross_origin = true,
                                                          .top_origins = all.subspan(3),
                                                          .algorithms = algorithms});
        for (auto& text : texts) text.assign(text.size(), 'x');
        id.assign(id.size(), 'x'), name.assign(name.size(), 'x'), algorithms.assign(2, -257);
        return owned.value();
    };
    auto copy = made();
    {
        auto const other = made();
        copy = other;
    }
    auto const rp = copy.policy();
    CHECK(rp.params().rp_id == "shop.example");
    CHECK(rp.params().name == "A shop whose name is no small text");
    CHECK(rp.accepts("https://login.shop.example:8443"));
    CHECK(rp.accepts("https://a-name-that-does-not-fit-a-small-string.shop.test"));
    CHECK_FALSE(rp.accepts("https://partner.example"));
    CHECK(rp.params().top_origins[0] == "https://partner.example");
    CHECK(std::vector(rp.params().algorithms.begin(), rp.params().algorithms.end()) == std::vector{-7, -8});
    CHECK(copy.accepts("https://shop.example"));
    CHECK(webauthn::relying_party::complaint(copy.params()) == "");
}

TEST_CASE("W7: an origin that is no https origin, localhost or app is refused where the policy is made") {
    for (auto good : {"https://shop.example", "https://a.b.shop.example", "https://shop.example:8443",
                      "android:apk-key-hash:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"})
        CHECK(with_origin(good) == "");
    CHECK(with_origin("http://localhost:8080", "localhost") == "");
    CHECK(with_origin("http://localhost", "localhost") == "");
    CHECK(with_origin("https://localhost", "localhost") == "");
    for (auto bad : {"",
                     "shop.example",
                     "http://shop.example",
                     "https://",
                     "https://Shop.example",
                     "https://shop.example/",
                     "https://shop.example:443",
                     "https://shop.example:",
                     "https://shop.example:99999",
                     "https://shop.example:08",
                     "https://.shop.example",
                     "https://shop..example",
                     "https://-shop.example",
                     "https://user@shop.example",
                     "null",
                     "android:apk-key-hash:",
                     "android:apk-key-hash:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
                     "https://*.shop.example",
                     "ftp://shop.example",
                     "https://shop.example:12x"})
        CHECK_MESSAGE(with_origin(bad).find("an origin is https://") == 0, bad);
    CHECK(with_origin("http://localhost:80", "localhost").find("an origin is") == 0);
    CHECK(with_origin("http://localhost.evil", "localhost").find("an origin is") == 0);
    CHECK(with_origin("https://127.0.0.1").find("an origin is") == 0);
}

TEST_CASE("W22: the RP ID is the host of every origin or a domain above it, by whole labels") {
    for (auto bad :
         {"https://evilshop.example", "https://shop.example.evil", "https://example", "https://other.example"})
        CHECK_MESSAGE(with_origin(bad).find("the RP ID is the host") == 0, bad);
    for (auto bad : {"", "example", "Shop.example", "shop.example.", ".shop.example", "https://shop.example",
                     "127.0.0.1", "a_b.example"})
        CHECK_MESSAGE(with_origin("https://shop.example", bad) == "the RP ID is a lower-case domain", bad);
}

TEST_CASE("W7, W9: lists are not empty, name nothing twice and belong together") {
    static constexpr std::string_view twice[] = {"https://shop.example", "https://shop.example"},
                                      own[] = {"https://a.shop.example"}, no_site[] = {"partner.example"};
    CHECK(refused([](auto& p) { p.origins = {}; }) == "an origin must be accepted");
    CHECK(refused([](auto& p) { p.origins = twice; }) == "an origin is listed twice");
    CHECK(refused([](auto& p) { p.related_origins = own; }) == "a related origin is of another site than the RP ID");
    CHECK(refused([](auto& p) { p.related_origins = no_site; }) ==
          "a related origin is https:// with a lower-case host");
    CHECK(refused([](auto& p) { p.top_origins = partners; }) == "top origins mean something only with cross_origin");
    CHECK(refused([](auto& p) { p.cross_origin = true, p.top_origins = no_site; }) ==
          "a top origin is https:// with a lower-case host");
    std::vector<std::string_view> const many(65, "https://shop.example");
    CHECK(refused([&](auto& p) { p.origins = many; }) == "a list has at most 64 origins");
    CHECK(complaint([](auto& p) { p.cross_origin = true, p.top_origins = partners, p.related_origins = related; }) ==
          "");
}

TEST_CASE("W29: algorithms that nobody could verify, none and one twice are refused where the policy is made") {
    CHECK(refused([](auto& p) { p.algorithms = {}; }) == "an algorithm must be offered");
    CHECK(refused([](auto& p) { p.algorithms = es256_twice; }) == "an algorithm is offered twice");
    CHECK(refused([](auto& p) { p.algorithms = ml_dsa; }).find("an algorithm is one of jose") == 0);
    CHECK(complaint([](auto& p) { p.algorithms = every_algorithm; }) == "");
}

TEST_CASE("W47: a trusted attestation needs anchors; names and times have their limits") {
    CHECK(refused([](auto& p) { p.attestation = webauthn::attestation_demand::trusted; }) ==
          "a trusted attestation needs anchors");
    CHECK(refused([](auto& p) { p.name = ""; }) == "the name has 1 to 64 octets");
    static std::string const long_name(65, 'x');
    CHECK(refused([](auto& p) { p.name = long_name; }) == "the name has 1 to 64 octets");
    CHECK(refused([](auto& p) { p.timeout = 299s; }) == "a ceremony lasts 5 to 10 minutes");
    CHECK(refused([](auto& p) { p.timeout = 601s; }) == "a ceremony lasts 5 to 10 minutes");
}

TEST_CASE("any_case_for_tests waives what browsers demand and nothing else") {
    static constexpr std::string_view address[] = {"http://127.0.0.1:8080"};
    auto const waived = [](auto& p) {
        p.rp_id = "127.0.0.1", p.origins = address, p.algorithms = ml_dsa, p.any_case_for_tests = true;
    };
    CHECK(complaint(waived) == "");
    CHECK(refused([&](auto& p) { waived(p), p.attestation = webauthn::attestation_demand::trusted; }) ==
          "a trusted attestation needs anchors");
}
