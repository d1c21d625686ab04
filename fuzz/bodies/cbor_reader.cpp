// The CBOR reader against a plain reader that shares no code with it: the same octets are accepted, for the same
// reasons refused, and what was read is written back as it was. Any number of nodes will do.
#include "require.hpp"

#include <signet/codec.hpp>

#include <array>
#include <bit>
#include <optional>
#include <set>
#include <string>
#include <vector>

using namespace signet;
using namespace signet::codec;

namespace {

/// Reads by recursion, RFC 8949 sections 3 and 4.2 word by word.
class plain_reader {
public:
    plain_reader(bytes_view octets, std::size_t max_values, bool any_order)
        : octets_{octets}, max_values_{max_values}, any_order_{any_order} {}

    std::optional<errc> read(std::size_t depth = 0, bool is_key = false) {
        if (at_ == octets_.size()) return errc::cbor_truncated;
        auto const first = octets_[at_];
        unsigned const major = first / 32, info = first % 32;
        if (major == 6) return errc::cbor_tag;
        if (info == 31) return major == 0 || major == 1 ? errc::malformed_cbor : errc::cbor_indefinite;
        if (info >= 28) return errc::malformed_cbor;
        std::uint64_t argument = info;
        std::size_t more = 0;
        if (info >= 24) {
            more = std::size_t{1} << (info - 24);
            if (octets_.size() - at_ - 1 < more) return errc::cbor_truncated;
            argument = 0;
            for (std::size_t i = 0; i != more; ++i) argument = argument * 256 + octets_[at_ + 1 + i];
            constexpr std::uint64_t below[] = {24, 256, 65'536, 4'294'967'296};
            if (major != 7 && argument < below[info - 24]) return errc::cbor_not_minimal;
        }
        if (++values_ > max_values_) return errc::cbor_too_many_values;
        if (major == 7 && (info < 20 || info == 24)) return errc::cbor_simple;
        if (is_key && major != 0 && major != 1 && major != 3) return errc::cbor_key_type;
        at_ += 1 + more;
        auto const rest = octets_.size() - at_;
        if (major == 2 || major == 3) {
            if (argument > rest) return errc::cbor_truncated;
            auto const size = static_cast<std::size_t>(argument);
            if (major == 3 && !is_utf8(octets_.subspan(at_, size))) return errc::cbor_not_utf8;
            at_ += size;
        }
        if (major == 4 || major == 5) {
            if (depth == 4) return errc::cbor_too_deep;
            if (argument > rest / (major - 3)) return errc::cbor_truncated;
            return read_inside(argument, major == 5, depth + 1);
        }
        return std::nullopt;
    }
    std::size_t size() const { return at_; }
    std::size_t values() const { return values_; }

private:
    std::optional<errc> read_inside(std::uint64_t count, bool is_map, std::size_t depth) {
        using rank = std::tuple<unsigned, std::size_t, std::string>;
        std::set<rank> keys;
        for (std::uint64_t i = 0; i != count; ++i) {
            if (is_map) {
                auto const from = at_;
                if (auto why = read(depth, true)) return why;
                auto const key = octets_.subspan(from, at_ - from);
                rank const one{key[0] / 32u, key.size(), std::string{as_text(key)}};
                if (keys.contains(one)) return errc::cbor_duplicate;
                if (!any_order_ && !keys.empty() && one < *keys.rbegin()) return errc::cbor_order;
                keys.insert(one);
            }
            if (auto why = read(depth)) return why;
        }
        return std::nullopt;
    }

    /// By decoding, and not by ranges of octets.
    static bool is_utf8(bytes_view text) {
        for (std::size_t i = 0; i < text.size();) {
            auto const first = text[i];
            auto const size = first < 0x80   ? 1u
                              : first < 0xc0 ? 0u
                              : first < 0xe0 ? 2u
                              : first < 0xf0 ? 3u
                              : first < 0xf8 ? 4u
                                             : 0u;
            if (size == 0 || text.size() - i < size) return false;
            std::uint32_t point = size == 1 ? first : first & (0x7fu >> size);
            for (std::size_t n = 1; n != size; ++n) {
                if (text[i + n] / 64 != 2) return false;
                point = point * 64 + text[i + n] % 64;
            }
            constexpr std::uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
            if (point < least[size] || point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) return false;
            i += size;
        }
        return true;
    }

    bytes_view octets_;
    std::size_t max_values_;
    bool any_order_;
    std::size_t at_ = 0, values_ = 0;
};

void write_head(bytes& out, unsigned major, std::uint64_t argument) {
    auto const octets = argument < 24              ? 0u
                        : argument < 256           ? 1u
                        : argument < 65'536        ? 2u
                        : argument < 4'294'967'296 ? 4u
                                                   : 8u;
    auto const info =
        octets == 0 ? static_cast<unsigned>(argument) : 24u + static_cast<unsigned>(std::countr_zero(octets));
    out.push_back(static_cast<std::uint8_t>(major * 32 + info));
    for (auto i = octets; i-- != 0;) out.push_back(static_cast<std::uint8_t>(argument >> 8 * i));
}

/// Writes the value by what its accessors say, and checks them against each other.
void write(bytes& out, cbor_value value) {
    auto const from = out.size();
    switch (value.kind()) {
    case cbor_kind::null: out.push_back(0xf6); break;
    case cbor_kind::undefined: out.push_back(0xf7); break;
    case cbor_kind::boolean: out.push_back(*value.as_bool() ? 0xf5 : 0xf4); break;
    case cbor_kind::integer:
        if (auto const number = value.as_int64()) {
            if (*number < 0) write_head(out, 1, static_cast<std::uint64_t>(-1 - *number));
            else write_head(out, 0, static_cast<std::uint64_t>(*number));
            require(value.as_uint64().has_value() == (*number >= 0));
        } else if (auto const wide = value.as_uint64()) {
            write_head(out, 0, *wide);
        } else { // below -2^63
            out.insert(out.end(), value.encoded().begin(), value.encoded().end());
        }
        break;
    case cbor_kind::floating: {
        auto const number = *value.as_double();
        auto const octets = value.encoded();
        if (octets.size() == 9 && number == number)
            require(std::bit_cast<std::uint64_t>(number) == [&] {
                std::uint64_t bits = 0;
                for (auto o : octets.subspan(1)) bits = bits << 8 | o;
                return bits;
            }());
        out.insert(out.end(), octets.begin(), octets.end());
        break;
    }
    case cbor_kind::bytes: {
        auto const octets = *value.as_bytes();
        write_head(out, 2, octets.size());
        out.insert(out.end(), octets.begin(), octets.end());
        break;
    }
    case cbor_kind::text: {
        auto const text = *value.as_text();
        write_head(out, 3, text.size());
        out.insert(out.end(), text.begin(), text.end());
        break;
    }
    case cbor_kind::array:
        write_head(out, 4, value.size());
        for (auto const element : value) write(out, element);
        break;
    case cbor_kind::map:
        write_head(out, 5, value.size());
        for (auto const [key, element] : value.members()) {
            write(out, key);
            write(out, element);
            auto const found = key.is_text()    ? value.find(*key.as_text())
                               : key.as_int64() ? value.find(*key.as_int64())
                                                : element;
            require(found && found->index() == element.index());
        }
    }
    require(as_text(value.encoded()) == as_text(bytes_view{out}.subspan(from)));
}

void check(bytes_view input, std::size_t nodes_given, bool any_order) {
    std::vector<cbor_node> nodes(nodes_given);
    cbor_limits const limits{.any_key_order = any_order};
    plain_reader plain{input, std::min<std::size_t>(nodes_given, 256), any_order};
    auto const why = plain.read();
    auto const prefix = read_cbor_prefix(input, nodes, limits);
    require(prefix.has_value() == !why);
    // Where the order is waived, a key that comes twice may be noticed later.
    if (why && (!any_order || *why != errc::cbor_duplicate) && prefix.error() != *why)
        require(any_order && prefix.error() == errc::cbor_duplicate);
    auto const whole = read_cbor(input, nodes, limits);
    require(whole.has_value() == (!why && plain.size() == input.size()));
    if (!why && !whole) require(whole.error() == error{errc::cbor_trailing, plain.size()});
    if (!prefix) return;
    require(prefix->size == plain.size());
    bytes written;
    write(written, prefix->value);
    require(as_text(written) == as_text(input.first(prefix->size)));
    // Exactly as many nodes as there are values are enough, and the item's size is.
    std::vector<cbor_node> exact(plain.values());
    require(read_cbor_prefix(input, exact, {.max_size = prefix->size, .any_key_order = any_order}).has_value());
    require(!read_cbor_prefix(input, exact, {.max_size = prefix->size - 1, .any_key_order = any_order}));
    exact.pop_back();
    auto const short_of = read_cbor_prefix(input, exact, {.any_key_order = any_order});
    require(!short_of && short_of.error() == errc::cbor_too_many_values);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    bytes_view const input{data, size};
    for (auto const any_order : {false, true}) {
        check(input, 300, any_order);
        check(input, size % 8, any_order);
    }
    return 0;
}
