#include "support/json_against_plain.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <random>

using namespace signet;
using namespace signet::codec;
using json_against_plain::disagreement;

namespace {

struct json_case {
    std::string verdict, offset, text;
};

std::string octets_of(std::string_view written) {
    std::string text;
    for (std::size_t i = 0; i < written.size(); ++i) {
        bool const octet = written[i] == '<';
        text += octet ? static_cast<char>(std::stoi(std::string{written.substr(i + 1, 2)}, nullptr, 16)) : written[i];
        if (octet) i += 3;
    }
    return text;
}

std::vector<json_case> cases() {
    std::ifstream file{SIGNET_TEST_DATA "/vectors/json_cases.txt"};
    std::vector<json_case> list;
    for (std::string line; std::getline(file, line);) {
        if (line.empty() || line[0] == '#') continue;
        auto const first = line.find(' '), second = line.find(' ', first + 1);
        list.push_back(
            {line.substr(0, first), line.substr(first + 1, second - first - 1), octets_of(line.substr(second + 1))});
    }
    return list;
}

// A random JSON text, with white space and escapes where they may stand.
class generator {
public:
    explicit generator(unsigned seed) : random_{seed} {}
    std::string text() {
        out_.clear();
        any(static_cast<int>(below(6)));
        return out_;
    }
    std::size_t below(std::size_t n) { return random_() % n; }

private:
    void space() {
        while (below(8) == 0) out_ += " \t\n\r"[below(4)];
    }
    void any(int depth) {
        space();
        switch (below(depth > 0 ? 8 : 5)) {
        case 0: out_ += "null"; break;
        case 1: out_ += below(2) ? "true" : "false"; break;
        case 2: number(); break;
        case 3:
        case 4: string(below(100) == 0 ? 5000 : 12); break;
        case 5: list('[', ']', depth, false); break;
        default: list('{', '}', depth, true);
        }
        space();
    }
    void list(char open, char close, int depth, bool named) {
        out_ += open;
        space();
        for (std::size_t n = below(6), i = 0; i != n; ++i) {
            if (i != 0) out_ += ',';
            if (named) space(), string(4), space(), out_ += ':';
            any(depth - 1);
        }
        out_ += close;
    }
    void number() {
        if (below(3) == 0) out_ += '-';
        if (below(5) == 0) out_ += '0';
        else {
            out_ += static_cast<char>('1' + below(9));
            for (auto n = below(22); n != 0; --n) out_ += static_cast<char>('0' + below(10));
        }
        if (below(3) == 0) {
            out_ += '.';
            for (auto n = 1 + below(8); n != 0; --n) out_ += static_cast<char>('0' + below(10));
        }
        if (below(4) == 0) (out_ += "eE"[below(2)]) += below(2) ? "-12" : below(2) ? "+3" : "007";
    }
    void string(std::size_t longest) {
        static constexpr std::string_view parts[] = {"a",
                                                     "b",
                                                     "xyz",
                                                     " ",
                                                     "/",
                                                     "\\\"",
                                                     "\\\\",
                                                     "\\/",
                                                     "\\b",
                                                     "\\f",
                                                     "\\n",
                                                     "\\r",
                                                     "\\t",
                                                     "\\u0061",
                                                     "\\u0000",
                                                     "\\u00e9",
                                                     "\\u20AC",
                                                     "\\ud83d\\ude00",
                                                     "\xc3\xa9",
                                                     "\xe2\x82\xac",
                                                     "\xf0\x9f\x94\x91",
                                                     "plain text, some of it"};
        out_ += '"';
        auto const plain = below(2); // half of them without escapes
        for (auto n = below(longest + 1); n != 0; --n) out_ += plain ? parts[below(5)] : parts[below(std::size(parts))];
        out_ += '"';
    }

    std::mt19937 random_;
    std::string out_;
};

} // namespace

TEST_CASE("RFC 8259: texts that are JSON, and texts that are not, with reason and offset") {
    auto const list = cases();
    REQUIRE(list.size() > 200);
    for (auto const& [verdict, offset, text] : list) {
        CAPTURE(text);
        auto const document = json_document::parse(text);
        CHECK(verdict == (document ? "accepted" : name(document.error().code)));
        if (!document) CHECK(offset == std::to_string(document.error().at));
        CHECK(disagreement(text) == "");
    }
}

TEST_CASE("every truncation of a text is refused at its end, every octet put into it judged as the plain reader does") {
    std::string const text = R"({"a\u00e9":[-1.5e+3,"x\ud83d\ude00\n","é",true,null],"b":{"c":0}})";
    REQUIRE(json_document::parse(text));
    for (std::size_t n = 0; n != text.size(); ++n) {
        auto const cut = json_document::parse(text.substr(0, n));
        REQUIRE_FALSE(cut);
        CHECK(disagreement(text.substr(0, n)) == "");
        for (unsigned octet = 0; octet != 256; ++octet) {
            auto changed = text;
            changed[n] = static_cast<char>(octet);
            CHECK(disagreement(changed) == "");
        }
    }
}

TEST_CASE("escapes and characters of several octets at each place around the edges of the parser's buffers") {
    for (std::string_view piece :
         {"\\n", "\\u00e9", "\\u20ac", "\\ud83d\\ude00", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x94\x91", "\\ud83d",
          "\\ude00x", "\\ud83d\\u0041", "\\u12g4", "\xff", "\xe2\x82", "\xed\xa0\x80", "\x01"})
        for (std::string_view start : {"", "\\t"})
            for (std::size_t edge : {std::size_t{256}, std::size_t{4096}, std::size_t{8192}})
                for (std::size_t before = edge - 20; before != edge + 20; ++before)
                    for (std::string_view behind : {"", "0123456789abcdef"}) {
                        auto text = "[\"" + std::string{start} + std::string(before, 'x');
                        ((text += piece) += behind) += "\",7]";
                        if (auto const what = disagreement(text); !what.empty())
                            FAIL_CHECK(piece, " at ", before, ": ", what.substr(0, 200));
                    }
}

TEST_CASE("random texts, and the same with a few octets changed: as the plain reader reads them, in any room") {
    generator make{20261121};
    std::size_t accepted = 0;
    for (int i = 0; i != 4000; ++i) {
        auto const text = make.text();
        auto const what = disagreement(text);
        if (!what.empty()) FAIL_CHECK(text, "\n", what);
        accepted += json_document::parse(text).has_value();
        CHECK(disagreement(text, make.below(6)) == "");
        auto changed = text;
        for (auto n = 1 + make.below(3); n != 0 && !changed.empty(); --n) {
            auto const at = make.below(changed.size());
            switch (make.below(4)) {
            case 0: changed[at] = static_cast<char>(make.below(256)); break;
            case 1: changed.erase(at, 1); break;
            case 2: changed.insert(at, 1, "\"\\,:{}[]0e-. u"[make.below(14)]); break;
            default: changed.insert(at, changed.substr(make.below(changed.size()), make.below(12)));
            }
        }
        if (auto const wrong = disagreement(changed); !wrong.empty()) FAIL_CHECK(changed, "\n", wrong);
    }
    CHECK(accepted > 1000); // the rest names a member twice
}

TEST_CASE("LESSONS: doubles are rounded correctly, each read back from its shortest and from 17 digits") {
    std::mt19937_64 random{7};
    for (int i = 0; i != 20'000; ++i) {
        auto const bits = random();
        double number = 0;
        std::memcpy(&number, &bits, sizeof number);
        if (!std::isfinite(number)) continue;
        std::string text;
        output out{text};
        json_writer w{out};
        w.number(number);
        auto const document = json_document::parse(text);
        REQUIRE(document);
        char digits[64];
        std::snprintf(digits, sizeof digits, "%.17g", number);
        auto const other = json_document::parse(digits);
        REQUIRE(other);
        // What is below the smallest normal number may be refused as not exact, never read as another.
        if (auto const r = document->root().as_double(); r) REQUIRE(*r == number);
        else REQUIRE(std::fabs(number) < 1e-300);
        if (auto const r = other->root().as_double(); r) REQUIRE(*r == number);
        else REQUIRE(std::fabs(number) < 1e-300);
    }
}
