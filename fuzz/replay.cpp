// SPDX-License-Identifier: BSL-1.0
// A main for a fuzz body: feeds it every file of a corpus folder and, the same in each run, small variations of each.
#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size);

namespace {

using input = std::vector<std::uint8_t>;

// With sanitizers, where each costs ten times as much, a quarter as many.
#if defined(__has_feature)
#    if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#        define SIGNET_REPLAY_SANITIZED
#    endif
#endif
#ifdef SIGNET_REPLAY_SANITIZED
constexpr std::size_t variations_in_all = 5'000;
#else
constexpr std::size_t variations_in_all = 20'000;
#endif

input const* running = nullptr;
std::string origin;

// What the body was given when it aborted, so that the failure can be repeated and kept in the corpus.
extern "C" void show_input(int) {
    if (running) {
        std::fprintf(stderr, "\nbroken property; input made from %s, %zu octets in hex:\n", origin.c_str(),
                     running->size());
        for (std::uint8_t octet : *running) std::fprintf(stderr, "%02x", octet);
        std::fputs("\n", stderr);
    }
    std::_Exit(1);
}

void feed(input const& in) {
    running = &in;
    // A copy of exactly this size, so that a sanitizer sees reads past the end.
    input exact(in);
    exact.shrink_to_fit();
    LLVMFuzzerTestOneInput(exact.data(), exact.size());
}

std::uint64_t next(std::uint64_t& state) { // xorshift64
    state ^= state << 13;
    state ^= state >> 7;
    return state ^= state << 17;
}

input vary(input in, input const& other, std::uint64_t& state) {
    static constexpr std::uint8_t odd[] = {0x00, 0x7f, 0x80, 0xff, '"', '\\', '.', '=',
                                           '{',  '}',  '[',  ']',  ',', '-',  'e', ' '};
    auto const at = [&] { return static_cast<std::ptrdiff_t>(in.empty() ? 0 : next(state) % in.size()); };
    for (auto times = 1 + next(state) % 3; times != 0; --times) {
        auto const kind = in.empty() ? 2 : next(state) % 7;
        switch (kind) {
        case 0: in[static_cast<std::size_t>(at())] ^= static_cast<std::uint8_t>(1u << next(state) % 8); break;
        case 1: in[static_cast<std::size_t>(at())] = odd[next(state) % std::size(odd)]; break;
        case 2: in.insert(in.begin() + at(), odd[next(state) % std::size(odd)]); break;
        case 3: in.erase(in.begin() + at()); break;
        case 4: in.resize(static_cast<std::size_t>(at())); break;
        case 5: { // a piece twice
            auto const from = at();
            auto const size =
                std::min<std::ptrdiff_t>(static_cast<std::ptrdiff_t>(next(state) % 16), std::ssize(in) - from);
            input const piece(in.begin() + from, in.begin() + from + size);
            in.insert(in.begin() + at(), piece.begin(), piece.end());
            break;
        }
        default: { // the head of this, the tail of another
            if (other.empty()) break;
            in.resize(static_cast<std::size_t>(at()));
            in.insert(in.end(), other.begin() + static_cast<std::ptrdiff_t>(next(state) % other.size()), other.end());
        }
        }
    }
    return in;
}

} // namespace

int main(int argc, char** argv) {
    std::signal(SIGABRT, show_input);
    std::vector<std::pair<std::string, input>> corpus{{"the empty input", {}}};
    for (int i = 1; i < argc; ++i) {
        if (!std::filesystem::is_directory(argv[i])) continue; // a body without a corpus starts from nothing
        for (auto const& entry : std::filesystem::directory_iterator(argv[i])) {
            std::ifstream file(entry.path(), std::ios::binary);
            corpus.emplace_back(entry.path().filename().string(), input(std::istreambuf_iterator<char>(file), {}));
        }
    }
    std::sort(corpus.begin(), corpus.end());

    std::size_t variations = 0;
    std::uint64_t state = 0x5369676e6574;
    for (auto const& [name, in] : corpus) {
        origin = name;
        feed(in);
        for (std::size_t i = 0; i != variations_in_all / corpus.size(); ++i, ++variations)
            feed(vary(in, corpus[next(state) % corpus.size()].second, state));
    }
    running = nullptr;
    std::printf("%zu inputs and %zu variations of them\n1 passed, 0 failed\n", corpus.size(), variations);
}
