// SPDX-License-Identifier: BSL-1.0
// Three versions of signet side by side on one store (DECISIONS 7): `old` and `next` write the same formats, `later` a
// newer one of challenges and devices, which it alone understands; what `old` wrote it understands too.
#include <cstdio>
#include <string>

using text = std::string;
#define VERSION(which)                                                                                                 \
    text issue_##which(text const& where, text const& key);                                                            \
    text redeem_##which(text const& where, text const& key, text const& answer);                                       \
    text use_##which(text const& where, text const& jti);                                                              \
    text add_##which(text const& where, text const& key, text const& key_id);                                          \
    text find_##which(text const& where, text const& key_id);                                                          \
    text block_##which(text const& where, text const& key_id);                                                         \
    text fresh_key_##which();
VERSION(old)
VERSION(next)
VERSION(later)

namespace {

int passed = 0, failed = 0;

void expect(char const* what, text const& seen, text const& wanted) {
    (seen == wanted ? passed : failed) += 1;
    if (seen != wanted) std::printf("%s: %s, not %s\n", what, seen.c_str(), wanted.c_str());
}

} // namespace

int main(int argc, char** argv) {
    for (int i = 1; i < argc; ++i) {
        text const where = argv[i];
        auto const key = fresh_key_old(), second = fresh_key_next(), third = fresh_key_later();

        auto answer = issue_old(where, key);
        expect("what the old version issued, the next redeems", redeem_next(where, key, answer), "ok");
        expect("and then the old one no more", redeem_old(where, key, answer), "challenge_unknown");
        answer = issue_next(where, key);
        expect("what the next version issued, the old redeems", redeem_old(where, key, answer), "ok");
        expect("and then the next one no more", redeem_next(where, key, answer), "challenge_unknown");
        answer = issue_old(where, key);
        expect("an older format is read by the later version", redeem_later(where, key, answer), "ok");
        answer = issue_later(where, key);
        expect("a newer format is no garbage, and no success", redeem_old(where, key, answer), "record_newer");
        answer = issue_later(where, key);
        expect("the later version redeems its own", redeem_later(where, key, answer), "ok");

        expect("the first use of a jti", use_old(where, "1"), "ok");
        expect("is seen by the next version", use_next(where, "1"), "replayed");
        expect("and by the later one", use_later(where, "1"), "replayed");
        expect("and the other way round", use_later(where, "2"), "ok");
        expect("by the old one", use_old(where, "2"), "replayed");

        expect("the old version registers a device", add_old(where, key, "phone-1"), "ok");
        expect("which the next one finds", find_next(where, "phone-1"), "ok");
        expect("and adds to", add_next(where, second, "phone-2"), "ok");
        expect("and the old one finds both", find_old(where, "phone-2"), "ok");
        expect("the later version reads the older format", find_later(where, "phone-1"), "ok");
        expect("and writes the newer one", block_later(where, "phone-1"), "ok");
        expect("which the old one does not misread", find_old(where, "phone-1"), "record_newer");
        expect("and does not overwrite", add_old(where, third, "phone-3"), "record_newer");
        expect("so that nothing was lost", find_later(where, "phone-2"), "ok");
    }
    std::printf("%d passed, %d failed\n", passed, failed);
    return failed != 0 || passed == 0;
}
