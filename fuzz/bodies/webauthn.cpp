// SPDX-License-Identifier: BSL-1.0
// Passkeys: of all answers only those that the authenticator signed are accepted, and what the readers of client data,
// authenticator data and credentials accept is what a plain look at the octets says.
#include "changed.hpp"
#include "require.hpp"

#include <signet/codec.hpp>
#include <signet/crypto.hpp>
#include <signet/webauthn.hpp>

#include <algorithm>
#include <string>

using namespace signet;

namespace {

constexpr unix_time now{std::chrono::seconds{1'800'000'000}};
constexpr std::string_view challenge = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
constexpr std::string_view origins[] = {"https://shop.example"};
constexpr webauthn::relying_party shop{{.rp_id = "shop.example", .name = "Shop", .origins = origins}};

bytes copy_of(bytes_view octets) { return {octets.begin(), octets.end()}; }
void append(bytes& to, bytes_view more) { to.insert(to.end(), more.begin(), more.end()); }

// One good ceremony of each kind with an Ed25519 key, whose signatures are what they sign and nothing else.
struct world {
    private_key key = *private_key::generate(alg::ed25519);
    bytes id = bytes(16, 0x11), cose = *jose::to_cose({key.public_part(), alg::ed25519, -8});
    webauthn::credential stored{
        .id = id, .user_handle = {1}, .key = key.public_part(), .algorithm = alg::ed25519, .identifier = -8};

    [[nodiscard]] static std::string client(std::string_view type) {
        return R"({"type":")" + std::string{type} + R"(","challenge":")" + std::string{challenge} +
               R"(","origin":"https://shop.example"})";
    }
    [[nodiscard]] bytes data(bool registration) const {
        auto all = copy_of(crypto::sha256(as_bytes("shop.example")));
        append(all, bytes{static_cast<std::uint8_t>(registration ? 0x45 : 0x05), 0, 0, 0, 1});
        if (registration) append(all, bytes(16, 0)), append(all, bytes{0, 16}), append(all, id), append(all, cose);
        return all;
    }
    [[nodiscard]] bytes sign(bytes message, std::string_view client_data) const {
        append(message, crypto::sha256(as_bytes(client_data)));
        return *crypto::sign(key, alg::ed25519, message);
    }
    [[nodiscard]] bytes object() const { // packed, signed by the key itself
        auto const signature = sign(data(true), client("webauthn.create")), octets = data(true);
        bytes all{0xa3, 0x63, 'f', 'm', 't',  0x66, 'p', 'a', 'c', 'k',  'e',  'd', 0x67, 'a', 't',  't',
                  'S',  't',  'm', 't', 0xa2, 0x63, 'a', 'l', 'g', 0x27, 0x63, 's', 'i',  'g', 0x58, 64};
        append(all, signature), append(all, bytes{0x68, 'a', 'u', 't', 'h', 'D', 'a', 't', 'a', 0x58,
                                                  static_cast<std::uint8_t>(octets.size())});
        append(all, octets);
        return all;
    }
    [[nodiscard]] std::string answer(std::string_view client_data, std::string_view more) const {
        auto const text = codec::base64url_encode(id);
        return R"({"id":")" + text + R"(","rawId":")" + text +
               R"(","type":"public-key","response":{"clientDataJSON":")" +
               codec::base64url_encode(as_bytes(client_data)) + '"' + std::string{more} + "}}";
    }
    [[nodiscard]] std::string registration(bytes_view octets) const {
        return answer(client("webauthn.create"), R"(,"attestationObject":")" + codec::base64url_encode(octets) + '"');
    }
    [[nodiscard]] std::string assertion(bytes_view octets, std::string_view client_data, bytes_view signature) const {
        return answer(client_data, R"(,"authenticatorData":")" + codec::base64url_encode(octets) +
                                       R"(","signature":")" + codec::base64url_encode(signature) + '"');
    }
    [[nodiscard]] std::string good_registration() const { return registration(object()); }
    [[nodiscard]] std::string good_assertion() const {
        auto const text = client("webauthn.get");
        return assertion(data(false), text, sign(data(false), text));
    }
};

world const& made() {
    static world const one;
    return one;
}

void judge_registration(std::string_view text) {
    auto const seen = webauthn::judge_registration(text, {.rp = shop, .challenge = challenge}, now);
    if (!seen) return;
    auto const octets = webauthn::write_credential(seen->credential);
    require(octets.has_value());
    auto const again = webauthn::read_credential(*octets);
    require(again && again->id == seen->credential.id && again->key == seen->credential.key);
    require(seen->proved.has_value() <= (seen->format != "none" && seen->proved->is(seen->credential.key)));
    if (seen->format == "packed" && seen->proved) require(seen->credential.key == made().key.public_part());
}

void judge_assertion(std::string_view text) {
    auto const& w = made();
    auto const seen = webauthn::judge_assertion(text, {.rp = shop, .challenge = challenge}, w.stored);
    if (!seen) return;
    // The key has signed one message, so this is it, in whatever JSON around it.
    require(text.find(codec::base64url_encode(w.data(false))) != std::string_view::npos ||
            text.find('\\') != std::string_view::npos);
    require(seen->count == 1 && seen->user_verified && seen->key.is(w.key.public_part()));
}

void authenticator_data(bytes_view octets) {
    auto const data = webauthn::read_authenticator_data(octets);
    if (!data) return;
    std::size_t size = 37 + data->extensions.size();
    if (data->credential) {
        size += 18 + data->credential->id.size() + data->credential->cose_key.size();
        require(!data->credential->id.empty() && data->credential->id.size() <= webauthn::max_credential_id);
    }
    require(size == octets.size() && (octets[32] >> 6 & 1) == data->credential.has_value() &&
            (octets[32] >> 7) == !data->extensions.empty());
}

void client_data(bytes_view octets) {
    auto const data = webauthn::read_client_data(octets);
    if (!data || !webauthn::check_client_data(*data, webauthn::ceremony::assertion, shop, challenge)) return;
    require(data->type == "webauthn.get" && data->challenge == challenge && data->origin == origins[0] &&
            !data->cross_origin && !data->top_origin);
}

void record(bytes_view octets) {
    auto const read = webauthn::read_credential(octets);
    if (!read) return;
    auto const again = webauthn::write_credential(*read);
    require(again && *again == copy_of(octets)); // one encoding only
}

} // namespace

// The first octet says what the rest is, or what is changed in something good.
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    if (size == 0) return 0;
    auto const& w = made();
    bytes_view const rest{data + 1, size - 1};
    auto const text = as_text(rest);
    auto const bent = [&](bytes_view good) { return changed(std::string{as_text(good)}, data + 1, size - 1); };
    switch (data[0] % 12) {
    case 0: judge_registration(text); break;
    case 1: judge_registration(changed(w.good_registration(), data + 1, size - 1)); break;
    case 2: judge_registration(w.registration(rest)); break;
    case 3: judge_registration(w.registration(as_bytes(bent(w.object())))); break;
    case 4: judge_assertion(text); break;
    case 5: judge_assertion(changed(w.good_assertion(), data + 1, size - 1)); break;
    case 6: {
        auto const client = world::client("webauthn.get");
        judge_assertion(w.assertion(rest, client, w.sign(w.data(false), client)));
        break;
    }
    case 7: authenticator_data(rest); break;
    case 8: authenticator_data(as_bytes(bent(w.data(true)))); break;
    case 9: client_data(rest); break;
    case 10: client_data(as_bytes(changed(world::client("webauthn.get"), data + 1, size - 1))); break;
    default: record(rest); break;
    }
    return 0;
}
