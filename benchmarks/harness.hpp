// SPDX-License-Identifier: BSL-1.0
// A small benchmark harness: variants of one job run in turn within each round, so that their ratios hold on a busy
// machine.
#pragma once

#include <sched.h>
#include <time.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace bench {

extern thread_local std::uint64_t allocation_count; // counting_new.cpp

/// Keeps `value` from being optimised away.
template <class T> inline void keep(T const& value) noexcept { asm volatile("" : : "g"(&value) : "memory"); }

/// What a variant is held to, and where it stands in a plot. Zero means "not stated".
struct about {
    double at_most = 0;       ///< target: this ratio to the baseline or less
    double at_least = 0;      ///< target: this ratio to the baseline or more (for a slower peer: how much we win by)
    double x = 0;             ///< place on the table's axis: octets, keys, hit ratio
    std::string against = {}; ///< the variant that is the baseline, by name; the table's first if left out
    std::string series = {};  ///< the line of the plot that it belongs to; the variant's name if left out
    bool wall = false;        ///< timed by the clock instead of CPU time: for what waits for a disk or a peer
    std::function<bool()> refuses = {}; ///< a peer's answer to a tampered input; false excludes it from the table
};

/// Variants of one job, measured against the first one added or the one they name.
///
/// A body is called many times and returns what it computed: `true`, or a number that is the same in each call. Any
/// other answer ends the program, so that nothing wrong is ever timed.
///
///     bench::suite suite{argc, argv, "jwt"};
///     auto& hs256 = suite.table("HS256 verify");
///     hs256.add("raw HMAC", [&] { return mac.verify(message, tag); });
///     hs256.add("signet", [&] { return verifier.verify(token, scratch, now).has_value(); }, {.at_most = 1.6});
///     return suite.finish();
class comparison {
public:
    comparison(std::string title, std::string axis) : title_{std::move(title)}, axis_{std::move(axis)} {}

    /// A body on one pinned thread, timed by that thread's CPU time.
    template <class Body> void add(std::string name, Body body, about what = {}) {
        variants_.push_back({std::move(name), std::move(what), 1, batch_of(std::move(body)), {}, 0, {}, 0});
    }

    /// `threads` pinned threads with a body of their own each, `make(index)`; timed by the clock, as ns for one
    /// operation of all.
    template <class Make> void add_threads(std::string name, unsigned threads, Make make, about what = {}) {
        variant v{std::move(name), std::move(what), threads, {}, {}, 0, {}, 0};
        for (unsigned i = 0; i != threads; ++i) v.others.push_back(batch_of(make(i)));
        variants_.push_back(std::move(v));
    }

private:
    friend class suite;
    using batch = std::function<bool(std::size_t)>; // false: a wrong result

    struct variant {
        std::string name;
        about what;
        unsigned threads;
        batch run;
        std::vector<batch> others; // one a thread
        std::size_t times;
        std::vector<double> ns; // one a round
        double allocations;
    };

    template <class Body> static batch batch_of(Body body) {
        using answer = std::invoke_result_t<Body&>;
        if constexpr (std::is_same_v<answer, bool>) {
            return [body = std::move(body)](std::size_t times) mutable {
                bool good = true;
                for (; times != 0; --times) {
                    bool const one = body();
                    keep(one);
                    good &= one;
                }
                return good;
            };
        } else {
            static_assert(std::is_integral_v<answer>, "a body returns true or a checksum");
            return [body = std::move(body), known = false, first = answer{}](std::size_t times) mutable {
                if (!std::exchange(known, true)) first = body();
                bool good = true;
                for (; times != 0; --times) {
                    auto const one = body();
                    keep(one);
                    good &= one == first;
                }
                return good;
            };
        }
    }

    std::string title_;
    std::string axis_;
    std::deque<variant> variants_;
};

/// The tables of one benchmark program: runs them, prints Markdown and writes JSON.
///
/// Arguments: `--quick` (a few rounds: does it work), `--json FILE`, `--only TEXT` (tables whose title contains it).
class suite {
public:
    suite(int argc, char** argv, std::string name) : name_{std::move(name)} {
        for (int i = 1; i < argc; ++i) {
            std::string_view const arg = argv[i];
            if (arg == "--quick") rounds_ = 3, batch_ns_ = 2e5;
            else if (arg == "--json" && i + 1 < argc) json_ = argv[++i];
            else if (arg == "--only" && i + 1 < argc) only_ = argv[++i];
            else {
                std::fprintf(stderr, "usage: %s [--quick] [--json FILE] [--only TEXT]\n", argv[0]);
                std::exit(2);
            }
        }
        cpu_set_t allowed;
        CPU_ZERO(&allowed);
        if (sched_getaffinity(0, sizeof allowed, &allowed) == 0)
            for (unsigned i = 0; i != CPU_SETSIZE; ++i)
                if (CPU_ISSET(i, &allowed)) cores_.push_back(i);
        pin(0);
    }
    suite(suite const&) = delete;

    /// A new table; `axis` names what `about::x` is, where a plot is wanted.
    comparison& table(std::string title, std::string axis = {}) {
        return tables_.emplace_back(std::move(title), std::move(axis));
    }

    /// Whether this is only a look at whether everything works; use smaller data then.
    [[nodiscard]] bool quick() const noexcept { return rounds_ < 10; }

    /// Runs everything. The exit code for main.
    int finish() {
        std::string json = "{\"suite\": \"" + name_ + "\", \"tables\": [";
        bool first = true;
        for (auto& t : tables_) {
            if (t.title_.find(only_) == std::string::npos || t.variants_.empty()) continue;
            measure(t);
            print(t);
            json += first ? "\n" : ",\n";
            first = false;
            write(t, json);
        }
        json += "\n]}\n";
        if (!json_.empty()) {
            std::FILE* file = std::fopen(json_.c_str(), "w");
            if (!file || std::fputs(json.c_str(), file) < 0 || std::fclose(file) != 0) {
                std::fprintf(stderr, "cannot write %s\n", json_.c_str());
                return 2;
            }
        }
        return 0;
    }

private:
    using variant = comparison::variant;

    static double now(clockid_t clock) {
        timespec t{};
        clock_gettime(clock, &t);
        return static_cast<double>(t.tv_sec) * 1e9 + static_cast<double>(t.tv_nsec);
    }

    void pin(unsigned index) const {
        if (cores_.empty()) return;
        cpu_set_t one;
        CPU_ZERO(&one);
        CPU_SET(cores_[(cores_.size() - 1 + cores_.size() - index % cores_.size()) % cores_.size()], &one);
        (void)sched_setaffinity(0, sizeof one, &one); // not allowed: then it is measured unpinned
    }

    [[noreturn]] static void wrong(comparison const& t, variant const& v) {
        std::fprintf(stderr, "%s: %s computed a wrong result\n", t.title_.c_str(), v.name.c_str());
        std::abort();
    }

    // One batch; the ns it took.
    double timed(comparison const& t, variant& v, std::size_t times) const {
        if (v.threads == 1) {
            auto& run = v.run ? v.run : v.others.front();
            auto const clock = v.what.wall ? CLOCK_MONOTONIC : CLOCK_THREAD_CPUTIME_ID;
            double const start = now(clock);
            bool const good = run(times);
            double const end = now(clock);
            if (!good) wrong(t, v);
            return end - start;
        }
        std::atomic<unsigned> ready = 0;
        std::atomic<bool> go = false, good = true;
        std::vector<std::thread> threads;
        for (unsigned i = 0; i != v.threads; ++i)
            threads.emplace_back([&, i] {
                pin(i);
                ++ready;
                while (!go.load(std::memory_order_acquire)) std::this_thread::yield();
                if (!v.others[i](times)) good = false;
            });
        while (ready != v.threads) std::this_thread::yield();
        double const start = now(CLOCK_MONOTONIC);
        go.store(true, std::memory_order_release);
        for (auto& thread : threads) thread.join();
        double const end = now(CLOCK_MONOTONIC);
        if (!good) wrong(t, v);
        return (end - start) / v.threads;
    }

    void measure(comparison& t) const {
        std::erase_if(t.variants_, [](variant const& v) {
            if (!v.what.refuses || v.what.refuses()) return false;
            std::printf("%s accepts a tampered input and is left out\n", v.name.c_str());
            return true;
        });
        for (auto& v : t.variants_) { // how many calls make a batch
            timed(t, v, 1);
            for (v.times = 1;; v.times *= 2) {
                double const ns = timed(t, v, v.times);
                if (ns < batch_ns_ / 4 && v.times < (std::size_t{1} << 30)) continue;
                v.times = std::max<std::size_t>(
                    1, static_cast<std::size_t>(static_cast<double>(v.times) * batch_ns_ / std::max(ns, 1.0)));
                break;
            }
            if (v.threads == 1) {
                auto& run = v.run ? v.run : v.others.front();
                auto const calls = std::min<std::size_t>(v.times, 64);
                auto const before = allocation_count;
                if (!run(calls)) wrong(t, v);
                v.allocations = static_cast<double>(allocation_count - before) / static_cast<double>(calls);
            }
            v.ns.clear();
        }
        for (std::size_t round = 0; round != rounds_; ++round)
            for (std::size_t i = 0; i != t.variants_.size(); ++i) {
                auto& v = t.variants_[(i + round) % t.variants_.size()];
                v.ns.push_back(timed(t, v, v.times) / static_cast<double>(v.times));
            }
    }

    static double median(std::vector<double> of) {
        auto const middle = of.begin() + static_cast<std::ptrdiff_t>(of.size() / 2);
        std::nth_element(of.begin(), middle, of.end());
        return *middle;
    }

    static std::vector<double> ratios(variant const& v, variant const& baseline) {
        std::vector<double> all;
        for (std::size_t i = 0; i != v.ns.size(); ++i) all.push_back(v.ns[i] / baseline.ns[i]);
        return all;
    }

    // The median of the ratios within each round, which a slow spell of the machine does not move.
    static double ratio(variant const& v, variant const& baseline) { return median(ratios(v, baseline)); }

    // Half of the rounds have a ratio within this share of the median: what is noise in this run.
    static double spread(variant const& v, variant const& baseline) {
        auto all = ratios(v, baseline);
        std::sort(all.begin(), all.end());
        return (all[all.size() * 3 / 4] - all[all.size() / 4]) / all[all.size() / 2];
    }

    static variant const& baseline_of(comparison const& t, variant const& v) {
        for (auto const& other : t.variants_)
            if (!v.what.against.empty() && other.name == v.what.against) return other;
        return t.variants_.front();
    }

    static std::string number(double value, int digits) {
        char text[64];
        std::snprintf(text, sizeof text, "%.*f", digits, value);
        return text;
    }

    static std::string target(variant const& v, double r) {
        if (v.what.at_most > 0) return "<= " + number(v.what.at_most, 2) + (r <= v.what.at_most ? " met" : " missed");
        if (v.what.at_least > 0)
            return ">= " + number(v.what.at_least, 2) + (r >= v.what.at_least ? " met" : " missed");
        return "";
    }

    static void print(comparison const& t) {
        std::printf("\n### %s\n\n| variant | ns | ratio | allocations | target |\n|---|---:|---:|---:|---|\n",
                    t.title_.c_str());
        for (auto const& v : t.variants_) {
            double const ns = median(v.ns), r = ratio(v, baseline_of(t, v));
            std::printf("| %s | %s | %s | %s | %s |\n", v.name.c_str(), number(ns, ns < 100 ? 1 : 0).c_str(),
                        number(r, r < 10 ? 3 : 1).c_str(),
                        v.threads == 1
                            ? number(v.allocations,
                                     v.allocations == static_cast<double>(static_cast<long>(v.allocations)) ? 0 : 2)
                                  .c_str()
                            : "",
                        target(v, r).c_str());
        }
        std::fflush(stdout);
    }

    static std::string quoted(std::string_view text) {
        std::string out = "\"";
        for (char c : text) {
            if (c == '"' || c == '\\') out += '\\';
            out += c;
        }
        return out += '"';
    }

    static void write(comparison const& t, std::string& json) {
        json += " {\"title\": " + quoted(t.title_) + ", \"axis\": " + quoted(t.axis_) + ", \"variants\": [";
        for (auto const& v : t.variants_) {
            double const r = ratio(v, baseline_of(t, v));
            if (&v != &t.variants_.front()) json += ",";
            json += "\n  {\"name\": " + quoted(v.name) +
                    ", \"series\": " + quoted(v.what.series.empty() ? v.name : v.what.series) +
                    ", \"against\": " + quoted(baseline_of(t, v).name) + ", \"x\": " + number(v.what.x, 3) +
                    ", \"threads\": " + std::to_string(v.threads) + ", \"ns\": " + number(median(v.ns), 2) +
                    ", \"fastest\": " + number(*std::min_element(v.ns.begin(), v.ns.end()), 2) +
                    ", \"ratio\": " + number(r, 4) + ", \"spread\": " + number(spread(v, baseline_of(t, v)), 4) +
                    ", \"allocations\": " + (v.threads == 1 ? number(v.allocations, 3) : "null") +
                    ", \"target\": " + quoted(target(v, r)) + "}";
        }
        json += "]}";
    }

    std::string name_;
    std::string json_, only_;
    std::size_t rounds_ = 31;
    double batch_ns_ = 4e6;
    std::vector<unsigned> cores_;
    std::deque<comparison> tables_;
};

} // namespace bench
