// SPDX-License-Identifier: BSL-1.0
// Does the time of a comparison tell where a guess was wrong, or the time of a conversion what the secret is?
//
// Reparaz, Balasch, Verbauwhede, "Dude, is my code constant time?" (2016): inputs of two classes in random order, each
// call timed by itself, and Welch's t-test on the two sets of times, on all of them and on those below each of a
// hundred percentiles, since what interrupts a program lies in the long tail. What tells the classes apart makes |t|
// grow with the square root of the number of calls; what does not leaves it below five. A report: nothing fails by it.
// `--quick` is a look at whether it works.
#include "harness.hpp"
#include "tokens.hpp"

#include <signet/codec/base64url.hpp>
#include <signet/codec/base64url_secret.hpp>
#include <signet/crypto/mac.hpp>
#include <signet/proof/csrf.hpp>
#include <signet/session.hpp>
#include <signet/store.hpp>

#include <botan/version.h>

#include <array>
#include <cmath>
#include <cstring>
#include <fstream>
#include <random>

using namespace signet;

namespace {

// The finest clock there is, fenced so that the timed call neither begins before it nor runs on after it.
std::uint64_t ticks() noexcept {
#if defined(__x86_64__)
    std::uint32_t low, high;
    asm volatile("mfence\n\tlfence\n\trdtsc\n\tlfence" : "=a"(low), "=d"(high) : : "memory");
    return std::uint64_t{high} << 32 | low;
#else
    timespec t{};
    clock_gettime(CLOCK_MONOTONIC, &t);
    return static_cast<std::uint64_t>(t.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(t.tv_nsec);
#endif
}

double ns_of_a_tick() {
    auto const clock = [] {
        timespec t{};
        clock_gettime(CLOCK_MONOTONIC, &t);
        return static_cast<double>(t.tv_sec) * 1e9 + static_cast<double>(t.tv_nsec);
    };
    auto const start = clock();
    auto const first = ticks();
    while (clock() - start < 5e7) {}
    return (clock() - start) / static_cast<double>(ticks() - first);
}

// Welch's t-test of two growing sets of numbers.
class welch {
public:
    void add(unsigned which, double x) noexcept {
        auto& s = sets_[which];
        auto const d = x - s.mean;
        s.mean += d / ++s.count;
        s.squares += d * (x - s.mean);
    }
    [[nodiscard]] double count() const noexcept { return sets_[0].count + sets_[1].count; }
    [[nodiscard]] double difference() const noexcept { return sets_[1].mean - sets_[0].mean; }
    [[nodiscard]] double t() const noexcept {
        if (sets_[0].count < 1000 || sets_[1].count < 1000) return 0; // too few to say anything
        auto const error = [](set const& s) { return s.squares / (s.count - 1) / s.count; };
        auto const both = error(sets_[0]) + error(sets_[1]);
        return both > 0 ? difference() / std::sqrt(both) : 0;
    }

private:
    struct set {
        double count = 0, mean = 0, squares = 0;
    };
    std::array<set, 2> sets_{};
};

std::mt19937_64 dice{20261121};

void fill(std::span<std::uint8_t> octets) {
    for (auto& octet : octets) octet = static_cast<std::uint8_t>(dice());
}

constexpr std::size_t batch = 10'000, crops = 100;
double tick = 0;

/// `prepare(class, input)` writes one input of `Size` octets; `call(input)` is what is timed, and its answer is not to
/// depend on the class.
template <std::size_t Size, class Prepare, class Call>
void judge(char const* name, char const* classes, std::size_t samples, Prepare prepare, Call call) {
    std::vector<std::array<std::uint8_t, Size>> inputs(batch);
    std::vector<std::uint8_t> which(batch);
    std::vector<std::uint64_t> times(batch);
    std::array<std::uint64_t, crops> below{};
    std::array<welch, crops + 1> tests;
    std::array<std::uint8_t, Size> input;
    for (std::size_t done = 0; done <= samples; done += batch) {
        for (std::size_t i = 0; i != batch; ++i) {
            which[i] = dice() & 1;
            prepare(which[i], std::span<std::uint8_t, Size>{inputs[i]});
        }
        for (std::size_t i = 0; i != batch; ++i) {
            std::memcpy(input.data(), inputs[i].data(), Size); // always from the same place, and always in the cache
            bench::keep(input);
            auto const start = ticks();
            bool const good = call(bytes_view{input});
            auto const end = ticks();
            times[i] = end - start;
            tokens::require(!good, name);
        }
        if (done == 0) { // the first batch says where the percentiles lie, and counts for nothing else
            auto sorted = times;
            std::sort(sorted.begin(), sorted.end());
            for (std::size_t i = 0; i != crops; ++i) {
                auto const share = 1 - std::pow(0.5, 10.0 * static_cast<double>(i + 1) / crops);
                below[i] = sorted[static_cast<std::size_t>(share * (batch - 1))];
            }
            continue;
        }
        for (std::size_t i = 0; i != batch; ++i) {
            auto const ns = static_cast<double>(times[i]) * tick;
            tests[crops].add(which[i], ns);
            for (std::size_t crop = 0; crop != crops; ++crop)
                if (times[i] <= below[crop]) tests[crop].add(which[i], ns);
        }
    }
    auto const* most = &tests[crops];
    for (auto const& test : tests)
        if (std::abs(test.t()) > std::abs(most->t())) most = &test;
    std::printf("| %s | %s | %.0f | %.1f | %.1f | %+.2f |\n", name, classes, tests[crops].count(),
                std::abs(tests[crops].t()), std::abs(most->t()), most->difference());
    std::fflush(stdout);
}

// What a comparison must not be: it ends at the first octet that differs.
[[gnu::noinline]] bool leaky_equal(bytes_view a, bytes_view b) noexcept {
    for (std::size_t i = 0; i != a.size(); ++i)
        if (a[i] != b[i]) return false;
    return true;
}

// What a conversion must not be: it asks of each character in turn which kind it is.
[[gnu::noinline]] unsigned leaky_sum(bytes_view text) noexcept {
    unsigned sum = 0;
    for (auto const octet : text) {
        auto const value = [c = static_cast<char>(octet)]() -> unsigned {
            if (c >= 'A' && c <= 'Z') return static_cast<unsigned>(c - 'A');
            if (c >= 'a' && c <= 'z') return static_cast<unsigned>(c - 'a') + 26;
            if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0') + 52;
            return c == '-' ? 62 : 63;
        }();
        sum += value;
        bench::keep(sum); // each by itself
    }
    return sum;
}

constexpr char const* early_late = "wrong in the first octet, in the last one";
constexpr char const* fixed_random = "a fixed secret, random ones";

// The octets themselves or, where the input is longer, their base64url.
void put(bytes_view octets, std::span<std::uint8_t> input) {
    if (input.size() == octets.size()) return void(std::copy(octets.begin(), octets.end(), input.begin()));
    output out{std::span{reinterpret_cast<char*>(input.data()), input.size()}};
    codec::base64url_encode(octets, out);
    tokens::require(out.finish().has_value() && out.size() == input.size(), "an input's size");
}

// `octets` with the first octet from `from` on or the last one made another.
template <std::size_t Size> auto wrong_at(std::array<std::uint8_t, Size> const& octets, std::size_t from = 0) {
    return [octets, from](unsigned which, std::span<std::uint8_t> out) {
        auto changed = octets;
        changed[which ? Size - 1 : from] ^= static_cast<std::uint8_t>(1 + dice() % 255);
        put(changed, out);
    };
}

void comparisons(std::size_t many) {
    std::array<std::uint8_t, 32> octets;
    fill(octets);
    judge<32>("**control**: a comparison with an early exit, 32 octets", early_late, many, wrong_at(octets),
              [&](bytes_view in) { return leaky_equal(octets, in); });
    judge<32>("`constant_time_equal`, 32 octets", early_late, many, wrong_at(octets),
              [&](bytes_view in) { return constant_time_equal(octets, in); });

    auto const key = *mac_key::generate(alg::hs256);
    auto mac = crypto::hmac::make(key);
    bytes const message(300, 'm');
    mac.update(message);
    mac.finish(octets);
    judge<32>("`crypto::hmac::verify`, 300 octets", early_late, many, wrong_at(octets),
              [&](bytes_view in) { return mac.verify(message, in); });
}

void tokens_of_hs256(std::size_t many) {
    tokens::issued<hs256> const mac;
    auto const& token = mac.token;
    jwt::verifier<hs256> const verifier{mac.keys(), tokens::get_policy()};
    std::array<std::uint8_t, 32> tag;
    tokens::require(codec::base64url_decode(std::string_view{token}.substr(token.size() - 43), tag).has_value() &&
                        verifier.verify(token, tokens::now).has_value(),
                    "HS256");
    auto shown = token;
    auto const verify = [&](bytes_view in) {
        std::memcpy(shown.data() + shown.size() - 43, in.data(), 43);
        return verifier.verify(shown, tokens::now).has_value();
    };
    judge<43>("**control**: HS256 `verify`, then a comparison with an early exit", early_late, many, wrong_at(tag),
              [&](bytes_view in) {
                  std::array<std::uint8_t, 32> octets;
                  return verify(in) || !codec::base64url_decode(as_text(in), octets) || leaky_equal(tag, octets);
              });
    judge<43>("HS256 `jwt::verifier::verify`, the tag", early_late, many, wrong_at(tag), verify);
}

void conversions(std::size_t many) {
    std::array<std::uint8_t, 32> fixed;
    fill(fixed);
    auto const prepare = [&](unsigned which, std::span<std::uint8_t> out) {
        std::array<std::uint8_t, 32> random;
        fill(random);
        put(which ? random : fixed, out);
    };
    judge<43>("**control**: the values of 43 characters, by branches", fixed_random, many, prepare,
              [](bytes_view in) { return leaky_sum(in) == 0; });
    judge<43>("`codec::base64url_decode_secret`, 32 octets", fixed_random, many, prepare, [](bytes_view in) {
        auto const octets = codec::base64url_decode_secret(as_text(in));
        return !octets || octets->size() != 32;
    });
    judge<32>("`codec::base64url_encode_secret`, 32 octets", fixed_random, many, prepare, [](bytes_view in) {
        std::array<char, 43> text;
        output out{text};
        codec::base64url_encode_secret(in, out);
        return !out.finish().has_value();
    });
}

void cookies(std::size_t many) {
    store::memory db;
    auto const sessions = *session::login_sessions::make("tenant", "shop", *mac_key::generate(alg::hs256));
    auto const visit = run(sessions.begin_anonymous({}, tokens::now), db);
    tokens::require(visit.has_value(), "a visit");
    std::array<std::uint8_t, 48> cookie;
    tokens::require(codec::base64url_decode(visit->cookie, cookie).has_value(), "a cookie");
    judge<64>("`session::login_sessions::find`, the cookie's secret", early_late, many, wrong_at(cookie, 16),
              [&](bytes_view in) {
                  auto op = sessions.find(as_text(in), {}, tokens::now);
                  while (auto const* ask = op.next()) op.answer(db.execute(*ask));
                  return !op.refused();
              });

    proof::csrf_tokens const csrf{*mac_key::generate(alg::hs256)};
    auto const token = csrf.make("session");
    std::array<std::uint8_t, 48> octets;
    tokens::require(csrf.check("session", token, token).has_value() &&
                        codec::base64url_decode(token, octets).has_value(),
                    "a CSRF token");
    judge<64>("`proof::csrf_tokens::check`, the copy sent", early_late, many, wrong_at(octets),
              [&](bytes_view in) { return csrf.check("session", token, as_text(in)).has_value(); });
    judge<64>("`proof::csrf_tokens::check`, the tag in both copies", early_late, many, wrong_at(octets, 16),
              [&](bytes_view in) { return csrf.check("session", as_text(in), as_text(in)).has_value(); });
}

std::string processor() {
    std::ifstream file{"/proc/cpuinfo"};
    for (std::string line; std::getline(file, line);)
        if (line.starts_with("model name")) return line.substr(line.find(": ") + 2);
    return "a processor without a name";
}

#ifdef __clang__
constexpr char const* compiler = "clang " __clang_version__;
#else
constexpr char const* compiler = "g++ " __VERSION__;
#endif

} // namespace

int main(int argc, char** argv) {
    bool const quick = argc == 2 && std::string_view{argv[1]} == "--quick";
    if (argc != 1 && !quick) {
        std::fprintf(stderr, "usage: %s [--quick]\n", argv[0]);
        return 2;
    }
    bench::suite const pinned{1, argv, "timing"}; // to one core
    tick = ns_of_a_tick();
    std::printf("Measured by `./dev timing` on %s, %s, Botan %s.\n\n", processor().c_str(), compiler,
                Botan::short_version_cstr());
    std::puts(
        "| what | the two classes | calls | \\|t\\|, all calls | \\|t\\|, the largest of 101 | difference there, ns |\n|---|---|---:|---:|---:|---:|");
    auto const many = [&](std::size_t usual) { return quick ? 2 * batch : usual; };
    comparisons(many(4'000'000));
    tokens_of_hs256(many(4'000'000));
    conversions(many(4'000'000));
    cookies(many(4'000'000));
}
