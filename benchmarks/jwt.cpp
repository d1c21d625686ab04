// SPDX-License-Identifier: BSL-1.0
// Whole tokens, verified and signed, against Botan's own call on the same octets and against other libraries.
#include "harness.hpp"
#include "peers/key_of.hpp"
#include "tokens.hpp"

using namespace tokens;

namespace {

/// PERFORMANCE's target for us over the raw call.
template <algorithm A> constexpr double target = symmetric<A> ? 1.6 : 1.02;

/// What lives while the tables run.
template <algorithm A> struct job {
    issued<A> t;
    raw<A> botan{t.key};
    jwt::verifier<A> verifier{t.keys(), get_policy()}; // ES256 and Ed25519: with tables
    jwt::thread_verifier own_state{verifier.make_thread_verifier()};
    jwt::verifier<A> without_tables{t.keys(), [] {
                                        auto r = get_policy();
                                        r.max_table_bytes = 0;
                                        return r;
                                    }()};
    jwt::scratch<> buffer;
    peers::key others{peers::key_of(t.key)};
    char out[2048];
};

template <algorithm A> void tables(bench::suite& suite, job<A>& j) {
    std::string const name{traits(A::id).name};
    {
        jwt::scratch<> buffer;
        require(!j.verifier.verify(j.t.tampered, buffer, now), "a tampered token is accepted");
    }

    auto& verify = suite.table(name + " verify");
    verify.add("raw Botan", [&] { return j.botan.verify(as_bytes(j.t.input), j.t.signature); });
    verify.add("signet, caller's scratch", [&] { return j.verifier.verify(j.t.token, j.buffer, now).has_value(); },
               {.at_most = target<A>});
    verify.add("signet, per-thread verifier", [&] { return j.own_state.verify(j.t.token, j.buffer, now).has_value(); },
               {.at_most = target<A>});
    if (j.without_tables.generators())
        verify.add("signet, key without tables",
                   [&] { return j.without_tables.verify(j.t.token, j.buffer, now).has_value(); });
    verify.add("signet, owning", [&] { return j.verifier.verify(j.t.token, now).has_value(); });
    auto const peer = [&](char const* who, peers::verify_function function) {
        if (!function || !function(j.others, j.t.token)) return; // not here, or not able to
        verify.add(who, [&j, function] { return function(j.others, j.t.token); },
                   {.refuses = [&j, function] { return !function(j.others, j.t.tampered); }});
    };
    peer("libjwt", peers::libjwt);
    peer("cpp-jwt", peers::cpp_jwt);
    peer("rhonabwy", peers::rhonabwy);

    auto& sign = suite.table(name + " sign");
    sign.add("raw Botan", [&] { return j.botan.sign(as_bytes(j.t.input)); });
    sign.add("signet, caller's buffer", [&] { return j.t.signer.sign(j.t.payload, j.out).has_value(); },
             {.at_most = target<A>});
    sign.add("signet, owning", [&] { return j.t.signer.sign(j.t.payload).has_value(); });
}

} // namespace

int main(int argc, char** argv) {
    bench::suite suite{argc, argv, "jwt"};

    job<hs256> hs;
    job<rs256> rs;
    job<es256> es;
    job<ed25519> ed;
    tables(suite, hs);
    tables(suite, rs);
    tables(suite, es);
    tables(suite, ed);
    return suite.finish();
}
