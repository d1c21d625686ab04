// The JSON that the demo site and its native client send each other.
#pragma once

#include <signet/codec/json_writer.hpp>

#include <initializer_list>
#include <string>
#include <utility>

/// A JSON object of texts; "{}" where one is not UTF-8.
inline std::string object(std::initializer_list<std::pair<std::string_view, std::string_view>> members) {
    std::string text;
    signet::output out{text};
    signet::codec::json_writer w{out};
    w.begin_object();
    for (auto const& [name, value] : members) w.member(name, value);
    w.end_object();
    return w.finish() ? text : "{}";
}
