// SPDX-License-Identifier: BSL-1.0
// What a store gives back for a session, a roster, epochs, devices or a refresh family: an errc, or a record that is
// written again as the same octets. The first octet says which, and whether the rest is the record or says what to
// change in a good one.
#include "require.hpp"

#include <signet/device/registry.hpp>
#include <signet/oauth/refresh.hpp>
#include <signet/session.hpp>
#include <signet/session/impl/idp_session.hpp>
#include <signet/session/session_summary.hpp>

using namespace signet;
namespace records = signet::session::detail;

namespace {

constexpr unix_time at(int seconds) { return unix_time{std::chrono::seconds{1'800'000'000 + seconds}}; }

bytes good_session() {
    records::session_record f;
    f.state = session::session_state::active;
    f.bound = 15;
    f.level = 2;
    f.created = f.auth_time = f.renewed = at(0);
    f.expires = f.absolute = at(3600);
    f.user = "ann", f.app = "shop", f.client_id = "web", f.methods = "pwd otp", f.data = "{}", f.token = "token";
    return *records::to_octets(f);
}

bytes good_roster() {
    records::session_roster r;
    r.not_before = at(0);
    r.sweeps = 3;
    r.entries.resize(2);
    r.entries[1].family = true;
    return *records::to_octets(r);
}

bytes good_epochs() {
    records::epoch_list epochs;
    epochs.everything = 7;
    epochs.apps = {{{'a', 'p', 'p'}, 2}, {{'w', 'e', 'b'}, 1}};
    return *records::to_octets(epochs);
}

bytes good_devices() {
    auto const key = private_key::generate(alg::es256);
    auto const pinned = proof::device_key::from_key(key->public_part());
    device::detail::device_roster roster;
    device::registered_device d{device::device_details{"phone", *pinned}, {}};
    d.display_name = "Ann's phone";
    d.created = d.updated = at(0);
    roster.devices.push_back(std::move(d));
    bytes octets;
    require(store::write_fields(roster, 1, 'D', octets).has_value());
    return octets;
}

bytes good_refresh() {
    oauth::detail::family_record f;
    f.user = "ann", f.client = "web", f.session = "s", f.scope = "openid offline_access";
    f.sender.emplace();
    f.started = f.rotated = at(0);
    f.resources.push_back({"https://api.example", std::chrono::hours{24}});
    bytes octets;
    require(store::write_fields(f, oauth::detail::family_format, oauth::detail::family_kind, octets).has_value());
    return octets;
}

// The same octets come out of what was read.
template <class R> void again_as(bytes_view octets) {
    auto const read = records::from_octets<R>(octets);
    if (!read) return;
    auto const written = records::to_octets(*read);
    require(written && std::ranges::equal(*written, octets));
}

// What an administrator is shown is what the record says; an error, where it is none.
void session_again(bytes_view octets) {
    again_as<records::session_record>(octets);
    auto const read = records::from_octets<records::session_record>(octets);
    auto const summary = session::read_session_summary(octets);
    auto const claims_to_be = octets.size() >= 2 && octets[1] == records::session_record::kind;
    if (!claims_to_be) return require(summary.has_value() && !summary->has_value());
    if (octets.size() > session::max_session_record) return require(!summary.has_value());
    require(summary.has_value() == read.has_value());
    if (!read) return require(summary.error() == read.error());
    auto const& s = **summary;
    require(s.user == read->user && s.app == read->app && s.client_id == read->client_id);
    require(s.state == read->state && s.ended == read->ended && s.expires == read->expires);
    require(s.methods == read->methods && s.device == read->device && s.place == read->place);
    require(s.sid.size() == 22);
}

void epochs_again(bytes_view octets) {
    std::array<std::uint8_t, 8> const app{'a', 'p', 'p'};
    auto const all = records::from_octets<records::epoch_list>(octets);
    auto const two = records::find_epochs(octets, app);
    require(all.has_value() == two.has_value());
    if (!all) return require(all.error() == two.error());
    require(std::ranges::equal(*records::to_octets(*all), octets));
    require((*two)[0] == all->everything);
    require((*two)[1] == all->of(app));
}

void devices_again(bytes_view octets) {
    auto const r = store::read_fields<device::detail::device_roster>(octets, 1, 'D');
    bytes again;
    if (r) require(store::write_fields(*r, 1, 'D', again).has_value() && std::ranges::equal(again, octets));
}

void refresh_again(bytes_view octets) {
    using namespace oauth::detail;
    auto const f = store::read_fields<family_record>(octets, family_format, family_kind);
    bytes again;
    if (f)
        require(store::write_fields(*f, family_format, family_kind, again).has_value() &&
                std::ranges::equal(again, octets));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    struct kind {
        bytes good;
        void (*again)(bytes_view);
    };
    static kind const kinds[] = {{good_session(), session_again},
                                 {good_roster(), again_as<records::session_roster>},
                                 {good_epochs(), epochs_again},
                                 {good_devices(), devices_again},
                                 {good_refresh(), refresh_again}};
    if (size == 0) return 0;
    auto const& [good, again] = kinds[data[0] / 2 % std::size(kinds)];
    if (data[0] % 2 == 0) return again({data + 1, size - 1}), 0;
    bytes changed = good;
    for (std::size_t i = 1; i + 2 < size; i += 3) {
        auto& octet = changed[(std::size_t{data[i]} << 8 | data[i + 1]) % changed.size()];
        octet = static_cast<std::uint8_t>(octet ^ data[i + 2]);
    }
    again(changed);
    return 0;
}
