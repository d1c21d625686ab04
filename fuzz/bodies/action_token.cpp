// Secure action tokens at a backend without the store: whatever comes in, only the token that the device made is
// accepted; and of what the device's key signed, only what says what it must.
#include "changed.hpp"

#include <signet/codec/base64url.hpp>
#include <signet/device.hpp>
#include <signet/proof/challenge.hpp>
#include <signet/store.hpp>

#include <cstdlib>
#include <string>

using namespace signet;
using namespace std::chrono_literals;

namespace {

constexpr unix_time now{1'800'000'000s};

struct backend {
    local_key<es256> server = *local_key<es256>::generate(), key = *local_key<es256>::generate();
    jwt::any_verifier issuer = [this] {
        jose::any_key_set keys{algorithm_set::of<es256>()};
        if (!keys.add("k1", server.key().public_part(), algorithm_set::of<es256>())) std::abort();
        return *jwt::any_verifier::make(algorithm_set::of<es256>(), std::move(keys),
                                        device::session_token_policy("https://risk.example.com", "shop"));
    }();
    device::device_session_info session = [this] {
        store::memory db;
        auto const sessions = *device::device_sessions::make(server, "k1", "https://risk.example.com", "shop");
        proof::challenge_params const params{.purpose = "device-session", .app = "shop"};
        auto const challenge = *run(proof::issue_challenge(params, now), db);
        auto const answer = *proof::sign_challenge(key, challenge, params);
        auto const shown = *proof::device_key::from_key(key.key().public_part());
        auto const proved = *run(proof::redeem_challenge(answer, params, shown.key(), alg::es256, now), db);
        return *run(sessions.begin(shown, proved, device::platform::web, true, now), db);
    }();
    std::string good = *device::make_action_token(
        key, {.device_session = session.id, .audience = "shop", .action_type = "transaction"}, now);
    jose::compact_parts parts = *jose::split_compact(good, 4096);

    bool accepts(std::string token) const {
        proof::replay_guard used{{.entries = 16, .window = device::max_action_lifetime + 10s, .shards = 1}};
        device::action_request const request{
            .session_token = session.token, .secured_session_token = std::move(token), .action_type = "transaction"};
        auto const first = device::verify_action_token(request, issuer, used, now, device::max_action_lifetime);
        if (!first) return false;
        if (first->device_session != session.id || first->expires <= first->issued ||
            first->expires - first->issued > device::max_action_lifetime || first->expires + 5s <= now)
            std::abort();
        auto const second = device::verify_action_token(request, issuer, used, now, device::max_action_lifetime);
        if (second || second.error() != errc::replayed) std::abort();
        return true;
    }
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    static backend const at;

    // First octet, mod 4: 0 the input is the token; 1 it changes octets of the good one; 2 and 3 it is the header, or
    // the payload, of one that the device's key signs.
    if (size == 0) return 0;
    std::string_view const rest{reinterpret_cast<char const*>(data) + 1, size - 1};
    auto const kind = data[0] % 4;
    if (kind < 2) {
        auto const token = kind == 0 ? std::string{rest} : changed(at.good, data + 1, size - 1);
        if (at.accepts(token) != (token == at.good)) std::abort();
        return 0;
    }
    auto const encoded = codec::base64url_encode(as_bytes(rest));
    auto token =
        kind == 2 ? encoded + "." + std::string{at.parts.payload} : std::string{at.parts.header} + "." + encoded;
    token += "." + codec::base64url_encode(*crypto::sign(at.key.key(), alg::es256, as_bytes(token)));
    (void)at.accepts(token);
    return 0;
}
