// Record decoding against a plain model that keeps its place as an index and its errors as exceptions would: the octets
// choose what is read, and what was read is written again, which must give the same octets.
#include <signet/store/record.hpp>

#include <cstdlib>
#include <optional>
#include <string>

using namespace signet;

namespace {

void must(bool holds) {
    if (!holds) std::abort();
}

// The encoding as its description says it, without regard to speed.
struct plain {
    bytes_view octets;
    std::size_t at = 2;

    std::optional<std::uint64_t> number() {
        std::uint64_t value = 0;
        std::string digits;
        for (;;) {
            if (at == octets.size() || digits.size() == 10) return std::nullopt;
            digits.push_back(static_cast<char>(octets[at]));
            if ((octets[at++] & 0x80) == 0) break;
        }
        auto const last = static_cast<unsigned char>(digits.back());
        if (digits.size() > 1 && last == 0) return std::nullopt;
        if (digits.size() == 10 && last > 1) return std::nullopt;
        for (std::size_t i = digits.size(); i-- != 0;)
            value = value * 128 + (static_cast<unsigned char>(digits[i]) & 0x7f);
        return value;
    }
    std::optional<bytes_view> octets_behind_length() {
        auto const size = number();
        if (!size || *size > octets.size() - at) return std::nullopt;
        at += static_cast<std::size_t>(*size);
        return octets.subspan(at - static_cast<std::size_t>(*size), static_cast<std::size_t>(*size));
    }
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    // The first octet says how many fields to read, each of a kind that the octets before the record choose.
    if (size < 1) return 0;
    std::size_t const fields = data[0] % 32;
    if (size < 1 + fields) return 0;
    bytes_view const kinds{data + 1, fields};
    bytes_view const record{data + 1 + fields, size - 1 - fields};

    store::record_reader reader{record, 5, 'k'};
    auto const head = record.size() >= 2 && record.size() <= store::max_record && record[0] != 0 && record[1] == 'k';
    auto const newer = head && record[0] > 5;
    must(reader.failed() == (!head || newer));
    if (newer) must(reader.finish().error() == errc::record_newer);

    plain model{record};
    bool good = head && !newer;
    bytes copy;
    store::record_writer writer{copy, good ? record[0] : std::uint8_t{1}, 'k'};
    for (auto kind : kinds) {
        switch (kind % 5) {
        case 0: {
            auto const value = reader.number();
            auto const expected = good ? model.number() : std::nullopt;
            good = good && expected;
            must(value == expected.value_or(0));
            writer.number(value);
            break;
        }
        case 1: {
            auto const value = reader.flag();
            auto const expected = good ? model.number() : std::nullopt;
            good = good && expected && *expected <= 1;
            must(value == (good && *expected == 1));
            writer.flag(value);
            break;
        }
        case 2: {
            auto const value = reader.time();
            auto const expected = good ? model.number() : std::nullopt;
            good = good && expected && *expected <= 253'402'300'799;
            must(static_cast<std::uint64_t>(value.time_since_epoch().count()) == (good ? *expected : 0));
            writer.time(value);
            break;
        }
        case 3: {
            auto const value = reader.octets();
            auto const expected = good ? model.octets_behind_length() : std::nullopt;
            good = good && expected;
            must(value.size() == (good ? expected->size() : 0));
            if (good && !value.empty()) must(value.data() == expected->data());
            writer.octets(value);
            break;
        }
        default: {
            std::uint8_t out[4]{1, 1, 1, 1};
            reader.fixed(out);
            good = good && record.size() - model.at >= 4;
            if (good) model.at += 4;
            if (!good) must(out[0] == 0 && out[3] == 0);
            writer.fixed(out);
        }
        }
        must(reader.failed() == !good);
        if (!good) break;
    }
    auto const finished = reader.finish();
    must(finished.has_value() == (good && model.at == record.size()));
    if (finished) {
        auto const again = writer.finish();
        must(again && std::string(as_text(*again)) == std::string(as_text(record)));
    } else {
        must(finished.error().at <= record.size() || finished.error().at == 0xffff);
    }
    return 0;
}
