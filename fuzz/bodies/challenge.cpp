// Answers to a challenge: whatever comes in, only the answer that the device made is accepted; and whatever the store
// gives, only the record that was made for these terms.
#include <signet/proof/challenge.hpp>
#include <signet/store.hpp>

#include <cstdlib>
#include <string>

using namespace signet;

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    static constexpr unix_time now{std::chrono::seconds{1'800'000'000}};
    static constexpr proof::challenge_params params{.purpose = "login", .app = "shop", .user = "anna"};
    static auto const key = *private_key::generate(alg::ed25519);
    static std::string const challenge(43, 'A');
    static std::string const good = *proof::sign_challenge(key, alg::ed25519, challenge, params);
    auto const record_for = [](proof::challenge_params const& t) {
        auto op = proof::issue_challenge(t, now);
        auto const octets = op.next()->record.bytes;
        return bytes(octets.begin(), octets.end());
    };
    static bytes const kept = record_for(params), kept_for_anybody = record_for({.purpose = "login", .app = "shop"});

    if (size == 0) return 0;
    // First octet from 128 on: the rest is the record, and the answer is the good one.
    if (data[0] >= 128) {
        auto op = proof::redeem_challenge(good, params, key.public_part(), alg::ed25519, now);
        bytes const record(data + 1, data + size);
        op.answer(store::reply::success({record, now + std::chrono::seconds{100}, 1}));
        auto const proved = op.get();
        if (proved.has_value() != (record == kept || record == kept_for_anybody)) std::abort();
        auto const newer =
            record.size() >= 2 && record[0] > 1 && record[1] == 'c' && record.size() <= store::max_record;
        if (!proved && (proved.error() == errc::record_newer) != newer) std::abort();
        return 0;
    }
    // Even: the input is the answer. Odd: it says what is changed in the good one; nothing changed is accepted.
    std::string token{reinterpret_cast<char const*>(data) + 1, size - 1};
    if (data[0] % 2 != 0) {
        token = good;
        for (std::size_t i = 1; i + 2 < size; i += 3) {
            auto const at = (std::size_t{data[i]} << 8 | data[i + 1]) % token.size();
            token[at] = static_cast<char>(token[at] ^ data[i + 2]);
        }
    }
    auto op = proof::redeem_challenge(token, params, key.public_part(), alg::ed25519, now);
    if (op.next()) {
        if (op.next()->verb != store::verb::take || !op.next()->single_use) std::abort();
        op.answer(store::reply::success({kept, now + std::chrono::seconds{100}, 1}));
    }
    if (op.next()) std::abort();
    if (op.get().has_value() != (token == good)) std::abort();
    return 0;
}
