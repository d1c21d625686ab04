// SPDX-License-Identifier: BSL-1.0
// Growth with the size of the token, 150 octets of claims to 8 KiB: HS256 verification against the raw HMAC, and what
// is not the MAC (splitting, decoding, parsing, checking).
#include "harness.hpp"
#include "tokens.hpp"

#include <signet/jose/jws.hpp>

#include <memory>
#include <vector>

using namespace tokens;

namespace {

struct sized {
    explicit sized(std::size_t octets) : t{octets}, botan{t.key}, verifier{t.keys(), wide()} {}
    static jwt::policy wide() {
        auto p = get_policy();
        p.max_token = 16'384;
        return p;
    }
    issued<hs256> t;
    raw<hs256> botan;
    jwt::verifier<hs256> verifier;
};

} // namespace

int main(int argc, char** argv) {
    bench::suite suite{argc, argv, "parse"};
    auto& whole = suite.table("HS256 verify by size of the claims", "octets");
    auto& parts = suite.table("without the MAC: split, decode, parse", "octets");
    auto const buffer = std::make_shared<jwt::scratch<16'384>>();
    for (std::size_t octets : {150u, 260u, 339u, 512u, 1024u, 2048u, 4096u, 8192u}) {
        auto const s = std::make_shared<sized>(octets);
        auto const x = static_cast<double>(octets);
        auto const of = " " + std::to_string(octets);
        whole.add("raw HMAC" + of, [=] { return s->botan.verify(as_bytes(s->t.input), s->t.signature); },
                  {.x = x, .series = "raw HMAC"});
        whole.add("signet" + of, [=] { return s->verifier.verify(s->t.token, *buffer, now).has_value(); },
                  {.x = x, .series = "signet"});
        struct memory {
            std::vector<std::uint8_t> octets = std::vector<std::uint8_t>(16'384);
            std::vector<codec::json_node> nodes = std::vector<codec::json_node>(1024);
        };
        auto const m = std::make_shared<memory>();
        parts.add(
            "base64url and JSON" + of,
            [=] {
                auto const token = jose::split_compact(s->t.token, 16'384);
                auto const size = codec::base64url_decode(token->payload, m->octets);
                return size &&
                       codec::parse_json({reinterpret_cast<char*>(m->octets.data()), *size}, m->nodes).has_value();
            },
            {.x = x, .series = "base64url and JSON"});
    }
    return suite.finish();
}
