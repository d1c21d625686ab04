// SPDX-License-Identifier: BSL-1.0
// What a device reports of itself during a session: batches of typed events, as JSON.
#pragma once

#include <signet/core/result.hpp>
#include <signet/core/time.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace signet { inline namespace SIGNET_ABI { namespace device {

/// The limits of a batch: events, octets of its session's id, of an event's type and of its data, octets of the JSON.
inline constexpr std::size_t max_telemetry_events = 64, max_telemetry_session = 64, max_telemetry_type = 64,
                             max_telemetry_data = 512, max_telemetry_json = 65'536;

/// Something that happened on the device. Nothing proves that it is true.
struct telemetry_event {
    std::string type;   ///< such as "scroll"; never empty
    unix_time at{};     ///< by the device's clock
    std::string data{}; ///< any text
    friend bool operator==(telemetry_event const&, telemetry_event const&) = default;
};

/// Events that are sent together. The client numbers its batches in a session from 0. A batch names its session, so
/// that a late batch is not taken for one of the next session.
struct telemetry_batch {
    std::string session; ///< `device_session_info::id`
    std::uint32_t number = 0;
    std::vector<telemetry_event> events;
    friend bool operator==(telemetry_batch const&, telemetry_batch const&) = default;
};

/// Writes a batch as JSON, `{"session":"...","number":0,"events":[{"type":"scroll","at":1800000000}]}`. Errors:
/// `out_of_range` for a batch without events or beyond the limits; `json_not_utf8`.
///
/// Example: `auto const body = write_telemetry({.session = id, .number = 0, .events = {{"scroll", now}}});`
[[nodiscard]] SIGNET_DECL result<std::string> write_telemetry(telemetry_batch const& batch);
/// Reads a batch. Unknown members are ignored. Errors: those of reading JSON; `claim_missing` and `claim_wrong_type`
/// for a member that is missing or of another type; `out_of_range` for a batch without events or beyond the limits.
[[nodiscard]] SIGNET_DECL result<telemetry_batch> read_telemetry(std::string_view json);

}}} // namespace signet::device

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/device/impl/telemetry.ipp>
#endif
