// The JSON reader against Boost.JSON's own tree: what both accept says the same, and the writer gives it back.
#include <signet/codec/json_reader.hpp>
#include <signet/codec/json_writer.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/src.hpp>

#include <cstdlib>
#include <memory>
#include <string>

using namespace signet;

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

void same(codec::json_value ours, boost::json::value const& theirs) {
    using codec::json_kind;
    switch (ours.kind()) {
    case json_kind::null: return require(theirs.is_null());
    case json_kind::boolean: return require(theirs.is_bool() && theirs.get_bool() == *ours.as_bool());
    case json_kind::integer:
        if (theirs.is_int64()) return require(*ours.as_int64() == theirs.get_int64());
        if (theirs.is_uint64()) return require(*ours.as_uint64() == theirs.get_uint64());
        return std::abort();
    case json_kind::number: return require(theirs.is_double()); // its value may be misrounded there
    case json_kind::string: return require(theirs.is_string() && std::string_view{theirs.get_string()} == *ours.as_string());
    case json_kind::array: {
        require(theirs.is_array() && theirs.get_array().size() == ours.size());
        std::size_t i = 0;
        for (auto const element : ours) same(element, theirs.get_array()[i++]);
        return;
    }
    case json_kind::object:
        require(theirs.is_object() && theirs.get_object().size() == ours.size()); // no name twice
        for (auto const member : ours) {
            auto const* found = theirs.get_object().if_contains(member.name());
            require(found != nullptr);
            same(member, *found);
            require(ours.find(member.name()).has_value());
        }
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    auto const text = std::make_unique<char[]>(size); // exactly so long: ASan sees a read past the end
    std::copy(data, data + size, text.get());
    std::string_view const original{reinterpret_cast<char const*>(data), size};
    auto const count = size / 2 + 1;
    auto const nodes = std::make_unique<codec::json_node[]>(count);

    auto const root = codec::parse_json({text.get(), size}, {nodes.get(), count});
    boost::json::error_code    ec;
    boost::json::parse_options options;
    options.max_depth = 32;
    auto const theirs = boost::json::parse(original, ec, {}, options);
    if (!root) {
        // Boost takes the last of two members of one name; else whoever refuses, both do.
        auto const code = root.error().code;
        require(ec || code == errc::json_duplicate_name || code == errc::json_too_many_members);
        return 0;
    }
    require(!ec);
    same(*root, theirs);

    std::string written;
    output      out{written};
    codec::json_writer w{out};
    w.value(*root);
    require(w.finish().has_value());
    auto const again = codec::json_document::parse(written);
    require(again.has_value());
    same(again->root(), theirs);
    return 0;
}
