// What a device's client sends its requests through.
#pragma once

#include <signet/device/device_session.hpp>
#include <signet/proof/challenge.hpp>
#include <signet/store/memory.hpp>

#include <utility>

namespace testing_support {

using namespace signet;

// The requests of a device to the service, which stands behind a function here.
struct transport {
    device::device_sessions const& sessions;
    store::memory& db;
    proof::device_key key;
    unix_time now;
    int begun = 0, refreshed = 0;
    errc fails{}; // at the next request

    template <class Client> result<proof::verified_key> prove(Client const& client) {
        if (fails != errc{}) return std::exchange(fails, errc{});
        proof::challenge_params const params{.purpose = "device-session", .app = "shop"};
        auto const challenge = *run(proof::issue_challenge(params, now), db);
        auto const answer = client.answer(challenge, "device-session");
        if (!answer) return answer.error();
        return run(proof::redeem_challenge(*answer, params, key.key(), key.algorithm_id(), now), db);
    }
    template <class Client> result<device::device_session_info> begin(Client const& client) {
        auto const proved = prove(client);
        if (!proved) return proved.error();
        ++begun;
        return run(sessions.begin(key, *proved, device::platform::web, true, now), db);
    }
    template <class Client> result<device::device_session_info> refresh(Client const& client, std::string_view token) {
        auto const proved = prove(client);
        if (!proved) return proved.error();
        ++refreshed;
        return run(sessions.refresh(token, &*proved, now), db);
    }
};

} // namespace testing_support
