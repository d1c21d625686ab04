// A device registers its key, proves itself by signing challenges, and is blocked when it is lost.
#include "choose_store.hpp"

#include <signet/device.hpp>

using namespace signet;

namespace {

// [device]
// On the device. The private key stays here; `device/device.hpp` says where phones and browsers keep theirs.
struct phone {
    private_key key = *private_key::generate(alg::es256);

    std::string public_jwk() const { return *jose::to_json(jose::public_jwk{{}, key.public_part()}); }
    std::string answer(std::string_view challenge, proof::challenge_params const& params) const {
        return *proof::sign_challenge(key, alg::es256, challenge, params);
    }
};
// [/device]

template <class Store> int story(Store& db) {
    auto const now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    phone annas_phone;

    // [register]
    // Anna is logged in. The server sends a challenge; the device answers with its new key; the key becomes a device of
    // hers.
    device::device_registry const devices{"shop", {.max_devices = 5}};
    proof::challenge_params const binding{.purpose = "register-device", .app = "shop", .user = "anna"};
    auto const challenge = run(proof::issue_challenge(binding, now), db);
    if (!challenge) return std::cerr << message(challenge.error().code) << "\n", 1;
    auto const key = proof::device_key::from_jwk(annas_phone.public_jwk());
    auto const answer = annas_phone.answer(*challenge, binding);
    auto const proved = run(proof::redeem_challenge(answer, binding, key->key(), key->algorithm_id(), now), db);
    if (!proved) return std::cerr << message(proved.error().code) << "\n", 1;
    auto const device = run(
        devices.add("anna", {.key_id = "phone-1", .key = *key, .kind = device::device_kind::mobile}, *proved, now), db);
    // [/register]
    if (!device) return 1;
    std::cout << "registered: " << device->key_id << ", " << name(device->state) << '\n';

    // [prove]
    auto const prove = [&](std::string_view what) {
        proof::challenge_params const login{.purpose = "login", .app = "shop", .user = "anna", .key_id = "phone-1"};
        auto const fresh = run(proof::issue_challenge(login, now), db);
        auto const known = run(devices.prove("anna", "phone-1", annas_phone.answer(*fresh, login), "login", now), db);
        std::cout << what << ": " << (known ? "known device" : name(known.error().code)) << '\n';
        return static_cast<bool>(known);
    };
    bool const before = prove("a login");
    (void)run(devices.block("anna", "phone-1", now), db); // lost
    bool const while_lost = prove("whoever found it");
    (void)run(devices.unblock("anna", "phone-1", now), db); // found again
    bool const after = prove("the owner again");
    // [/prove]
    return before && !while_lost && after ? 0 : 1;
}

} // namespace

int main(int argc, char** argv) {
    return with_store(argc, argv, "04_bind_a_device", [](auto& db) { return story(db); });
}
