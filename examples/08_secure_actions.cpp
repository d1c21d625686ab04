// Secure action tokens: a device session, a login reported in it, and a transaction that only this device can trigger.
#include "choose_store.hpp"

#include <signet/device.hpp>

using namespace signet;

namespace {

template <class Store> int story(Store& db) {
    auto const now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());

    // [policy]
    // What is dangerous demands a secure token: bound to the device's key, to one action, for minutes, once.
    auto const server_key = local_key<es256>::generate();
    auto const sessions = device::device_sessions::make(
        *server_key, "k1", "https://risk.example.com", "shop",
        {.actions = {{.action_type = "transaction"}, {.action_type = "account_details_change"}}});
    // [/policy]
    if (!sessions) return 1;

    // [begin]
    // On the device: a key that stays there. It signs the server's challenge, and the session is pinned to it.
    auto const device = local_key<es256>::generate();
    proof::challenge_params const params{.purpose = "device-session", .app = "shop"};
    auto const challenge = run(proof::issue_challenge(params, now), db);
    if (!challenge) return 1;
    auto const answer = proof::sign_challenge(*device, *challenge, params);
    auto const key = proof::device_key::from_key(device->key().public_part());
    auto const proved = run(proof::redeem_challenge(*answer, params, key->key(), key->algorithm_id(), now), db);
    if (!proved) return 1;
    auto const session = run(sessions->begin(*key, *proved, device::platform::web, true, now), db);
    // [/begin]
    if (!session) return 1;

    // [user]
    auto const authenticated = run(sessions->authenticate(session->token, now), db);
    if (!authenticated || !run(sessions->set_user(*authenticated, "anna", now), db))
        return 1; // after the login was complete
    // [/user]

    // [trigger]
    // The user presses "confirm": the device makes a token for this action, the backend passes both on.
    auto const trigger = [&](std::string action, std::string_view made_for, auto const& signed_with) {
        auto const secure = device::make_action_token(
            signed_with, {.device_session = session->id, .audience = "shop", .action_type = made_for}, now);
        auto const done =
            run(sessions->trigger(
                    {.session_token = session->token, .secured_session_token = *secure, .action_type = action}, now),
                db);
        if (done) std::cout << action << " by " << done->user << ", secure: " << done->secure << '\n';
        else
            std::cout << action << ": " << http_status(done.error().code, role::action) << ' '
                      << message(done.error().code) << '\n';
        return static_cast<bool>(done);
    };
    bool const good = trigger("transaction", "transaction", *device);
    bool const wrong_action = trigger("account_details_change", "transaction", *device); // 403 Action type mismatch
    bool const wrong_device = trigger("transaction", "transaction", *local_key<es256>::generate());
    // [/trigger]

    // [verify]
    // Another backend, which does not share the store: the issuer's public keys are enough to verify both tokens.
    auto keys = jose::any_key_set{algorithm_set::of<es256>()};
    if (!keys.add("k1", server_key->key().public_part(), algorithm_set::of<es256>())) return 1;
    auto const issuer = jwt::any_verifier::make(algorithm_set::of<es256>(), std::move(keys),
                                                device::session_token_policy("https://risk.example.com", "shop"));
    proof::replay_guard used; // remembers the tokens that were accepted, for ten minutes
    auto const secure = device::make_action_token(
        *device, {.device_session = session->id, .audience = "shop", .action_type = "transaction"}, now);
    device::action_request const request{
        .session_token = session->token, .secured_session_token = *secure, .action_type = "transaction"};
    auto const action = device::verify_action_token(request, *issuer, used, now);
    auto const again = device::verify_action_token(request, *issuer, used, now); // a token is accepted once
    // [/verify]
    return good && !wrong_action && !wrong_device && action && !again ? 0 : 1;
}

} // namespace

int main(int argc, char** argv) {
    return with_store(argc, argv, "08_secure_actions", [](auto& db) { return story(db); });
}
