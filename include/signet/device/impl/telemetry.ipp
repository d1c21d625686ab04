// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/codec/json_reader.hpp>
#include <signet/codec/json_writer.hpp>
#include <signet/device/telemetry.hpp>
#include <signet/jwt/claims_view.hpp>

#include <algorithm>

namespace signet { inline namespace SIGNET_ABI { namespace device {

namespace detail {

inline result<void> check_telemetry(telemetry_batch const& batch) noexcept {
    auto const fits = [](telemetry_event const& e) {
        return !e.type.empty() && e.type.size() <= max_telemetry_type && e.data.size() <= max_telemetry_data &&
               e.at >= unix_time{} && e.at <= latest_time;
    };
    if (batch.session.empty() || batch.session.size() > max_telemetry_session) return errc::out_of_range;
    if (batch.events.empty() || batch.events.size() > max_telemetry_events || !std::ranges::all_of(batch.events, fits))
        return errc::out_of_range;
    return {};
}

template <class T> result<void> read_member(codec::json_value object, std::string_view name, T& out) {
    auto const value = object.find(name);
    if (!value) return value.error() == errc::json_wrong_type ? errc::claim_wrong_type : errc::claim_missing;
    return jwt::detail::read_value(*value, out);
}

inline result<telemetry_event> read_event(codec::json_value object) {
    telemetry_event event;
    std::int64_t at = 0;
    if (auto read = read_member(object, "type", event.type); !read) return read.error();
    if (auto read = read_member(object, "at", at); !read) return read.error();
    event.at = unix_time{std::chrono::seconds{at}};
    if (auto read = read_member(object, "data", event.data); !read && read.error() != errc::claim_missing)
        return read.error();
    return event;
}

} // namespace detail

SIGNET_DECL result<std::string> write_telemetry(telemetry_batch const& batch) {
    if (auto good = detail::check_telemetry(batch); !good) return good.error();
    std::string json;
    output out{json};
    codec::json_writer w{out};
    w.begin_object()
        .member("session", batch.session)
        .member("number", std::int64_t{batch.number})
        .name("events")
        .begin_array();
    for (auto const& e : batch.events) {
        w.begin_object().member("type", e.type).member("at", std::int64_t{e.at.time_since_epoch().count()});
        if (!e.data.empty()) w.member("data", e.data);
        w.end_object();
    }
    w.end_array().end_object();
    if (auto const written = w.finish(); !written) return written.error();
    if (json.size() > max_telemetry_json) return errc::out_of_range; // escaped texts are longer
    return json;
}

SIGNET_DECL result<telemetry_batch> read_telemetry(std::string_view json) {
    auto const document = codec::json_document::parse(json, {.max_size = max_telemetry_json});
    if (!document) return document.error();
    auto const root = document->root();
    telemetry_batch batch;
    if (auto read = detail::read_member(root, "session", batch.session); !read) return read.error();
    if (auto read = detail::read_member(root, "number", batch.number); !read) return read.error();
    auto const events = root.find("events");
    if (!events) return errc::claim_missing;
    if (!events->is_array()) return errc::claim_wrong_type;
    if (events->size() > max_telemetry_events) return errc::out_of_range;
    for (auto const value : *events) {
        auto event = detail::read_event(value);
        if (!event) return event.error();
        batch.events.push_back(*std::move(event));
    }
    if (auto good = detail::check_telemetry(batch); !good) return good.error();
    return batch;
}

}}} // namespace signet::device
