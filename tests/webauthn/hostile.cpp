#include "authenticator.hpp"

#include <random>

using namespace webauthn_test;

TEST_CASE(
    "W61: no octet of an answer, changed, lost or doubled, makes a reader throw, and none of an assertion passes") {
    registration r;
    r.self_attested();
    assertion a;
    a.user_handle = "\"AQID\"";
    auto const made = r.answer(), shown = a.answer();
    expected const e{.rp = shop, .challenge = challenge};
    std::minstd_rand dice{7};
    auto const bent = [&](std::string text) {
        auto const at = dice() % text.size();
        switch (dice() % 3) {
        case 0: text[at] = static_cast<char>(dice() & 0xff); break;
        case 1: text.erase(at, 1 + dice() % 4); break;
        default: text.insert(at, text.substr(dice() % text.size(), 1 + dice() % 8));
        }
        return text;
    };
    CHECK(webauthn::judge_registration(made, e, now));
    CHECK(webauthn::judge_assertion(shown, e, a.stored));
    for (int i = 0; i != 1500; ++i) {
        (void)webauthn::judge_registration(bent(made), e, now);
        (void)webauthn::judge_assertion(bent(shown), e, a.stored);
    }
    for (std::size_t size = 0; size < shown.size(); ++size) {
        CHECK(!webauthn::judge_assertion(shown.substr(0, size), e, a.stored));
        CHECK(!webauthn::judge_registration(made.substr(0, size), e, now));
    }
}

TEST_CASE("W61: every octet of what is signed counts") {
    registration r;
    r.self_attested();
    auto const object = r.made_object();
    for (std::size_t at_octet = 0; at_octet != object.size(); ++at_octet) {
        auto bent = r;
        bent.object = object;
        bent.object[at_octet] ^= 1;
        CHECK(reason(bent.judged()) != "accepted");
    }
}
