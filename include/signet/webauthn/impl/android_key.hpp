// SPDX-License-Identifier: BSL-1.0
// The extension of a certificate in which Android says what its key may do (section 8.4.1).
#pragma once

#include <signet/crypto/impl/der.hpp>

#include <optional>

namespace signet { inline namespace SIGNET_ABI { namespace webauthn { namespace detail {

/// What an AuthorizationList says of the three members that count.
struct android_list {
    bool all_applications = false;
    bool may_sign = false;     // its purposes contain KM_PURPOSE_SIGN
    bool has_origin = false;   // it says where the key was made
    bool other_origin = false; // and that is not KM_ORIGIN_GENERATED
};

/// What the extension says. The challenge refers to its octets.
struct android_description {
    bytes_view challenge{};
    android_list software{}, hardware{};
};

/// Takes the next element of a list apart, whose tag is context-specific and may have several octets.
inline bool read_tagged(bytes_view& rest, unsigned& number, bytes_view& content) noexcept {
    if (rest.empty() || (rest[0] & 0xe0) != 0xa0) return false;
    number = rest[0] & 0x1f;
    std::size_t last = 0; // octet of the tag
    if (number == 0x1f) {
        number = 0;
        do {
            if (++last == rest.size() || last > 3) return false;
            number = number << 7 | (rest[last] & 0x7fu);
            if (number == 0) return false; // a leading zero
        } while ((rest[last] & 0x80) != 0);
        if (number < 0x1f) return false;
    }
    signet::detail::der_reader element{rest.subspan(last)}; // it looks at one octet of a tag
    if (!element.read(rest[last], content)) return false;
    rest = rest.subspan(static_cast<std::size_t>(content.data() - rest.data()) + content.size());
    return true;
}

inline bool read_android_list(bytes_view rest, android_list& list) noexcept {
    constexpr unsigned purpose = 1, all_applications = 600, origin = 702;
    constexpr std::uint8_t set = 0x31;
    constexpr std::size_t sign = 2; // KM_PURPOSE_SIGN
    while (!rest.empty()) {
        unsigned number = 0;
        bytes_view content;
        if (!read_tagged(rest, number, content)) return false;
        signet::detail::der_reader value{content};
        std::size_t one = 0;
        if (number == all_applications) list.all_applications = true;
        if (number == origin) {
            if (list.has_origin || !value.read_small(one) || !value.at_end()) return false;
            list.has_origin = true, list.other_origin = one != 0;
        }
        if (number == purpose) {
            signet::detail::der_reader purposes{{}};
            if (!value.open(set, purposes) || !value.at_end()) return false;
            while (!purposes.at_end()) {
                if (!purposes.read_small(one)) return false;
                list.may_sign = list.may_sign || one == sign;
            }
        }
    }
    return true;
}

/// Reads a KeyDescription; nothing for one that is malformed.
inline std::optional<android_description> read_android_description(bytes_view extension) noexcept {
    using signet::detail::der_reader;
    constexpr std::uint8_t enumerated = 0x0a;
    der_reader outer{extension}, description{{}};
    android_description found;
    bytes_view ignored, software, hardware;
    std::size_t version = 0;
    bool const good =
        outer.open(der_reader::sequence, description) && outer.at_end() && description.read_small(version) &&
        description.read(enumerated, ignored) && description.read_small(version) &&
        description.read(enumerated, ignored) && description.read(der_reader::octet_string, found.challenge) &&
        description.read(der_reader::octet_string, ignored) && description.read(der_reader::sequence, software) &&
        description.read(der_reader::sequence, hardware) && description.at_end() &&
        read_android_list(software, found.software) && read_android_list(hardware, found.hardware);
    if (!good) return std::nullopt;
    return found;
}

/// Whether the key belongs to one application, was made where it is, and may sign (section 8.4).
inline bool is_good_android_key(android_description const& d, bool hardware_only) noexcept {
    if (d.software.all_applications || d.hardware.all_applications) return false;
    if (hardware_only) return d.hardware.has_origin && !d.hardware.other_origin && d.hardware.may_sign;
    return (d.hardware.has_origin || d.software.has_origin) && !d.hardware.other_origin && !d.software.other_origin &&
           (d.hardware.may_sign || d.software.may_sign);
}

}}}} // namespace signet::webauthn::detail
