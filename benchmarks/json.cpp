// SPDX-License-Identifier: BSL-1.0
// JSON alone: the claims of an access token into signet's index, against Boost.JSON's tree of the same text.
#include "harness.hpp"
#include "tokens.hpp"

#include <signet/codec/json_reader.hpp>
#include <signet/codec/json_writer.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/static_resource.hpp>

#include <array>

using namespace tokens;

int main(int argc, char** argv) {
    bench::suite suite{argc, argv, "json"};
    // The claims of the product's documents.
    std::string const text =
        R"({"tid":"","app_name":"Acme","app_id":"8flFllgrd1Wqiru4IGai0","roles":["smP3MD65l7hKXG6qJ-S5d"],)"
        R"("jti":"IJMTqbmijVG7_LsJz-y5U","sub":"bb8dc75.8AEM5PpWyJBH6opzIOrJ2.transmit","iat":1658056533,"exp":1658060133,)"
        R"("scope":"offline_access","client_id":"bb8dc75.8AEM5PpWyJBH6opzIOrJ2.transmit","iss":"https://userid.security","aud":"userid-api"})";
    std::array<codec::json_node, 64> nodes;
    std::string copy = text; // nothing in it is escaped, so reading does not change it
    std::array<unsigned char, 8192> memory;

    auto& read = suite.table("JSON of an access token, " + std::to_string(text.size()) + " octets: read");
    read.add("Boost.JSON, tree in static memory", [&] {
        boost::json::static_resource resource{memory.data(), memory.size()};
        boost::json::error_code ec;
        auto const value = boost::json::parse(text, ec, &resource);
        return !ec && value.is_object();
    });
    read.add("Boost.JSON, tree on the heap", [&] {
        boost::json::error_code ec;
        return boost::json::parse(text, ec).is_object() && !ec;
    });
    read.add("signet, index in the caller's memory", [&] { return codec::parse_json(copy, nodes).has_value(); });
    read.add("signet, owning", [&] { return codec::json_document::parse(text).has_value(); });

    auto const root = *codec::parse_json(copy, nodes);
    std::array<char, 1024> out;
    auto& write = suite.table("JSON of an access token: written again");
    write.add("memcpy", [&] { return std::memcpy(out.data(), text.data(), text.size()) != nullptr; });
    write.add("signet, into the caller's memory", [&] {
        output to{out};
        codec::json_writer w{to};
        return w.value(root).finish().has_value();
    });
    return suite.finish();
}
