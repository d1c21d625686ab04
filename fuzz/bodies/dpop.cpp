// DPoP fields: whatever comes in, only the proof that the client made is accepted, with tables and without, and Botan
// thinks alike of its key.
#include "../../tests/support/message_key.hpp"

#include <signet/codec/base64url.hpp>
#include <signet/proof.hpp>

#include <cstdlib>
#include <string>

using namespace signet;

namespace {

constexpr unix_time now{std::chrono::seconds{1'800'000'000}};
constexpr std::string_view url = "https://api.example.com/orders";

result<proof::verified_key> judge(std::string_view field, crypto::generator_tables const* tables) {
    std::string_view const fields[] = {field};
    proof::dpop_policy policy;
    policy.algorithms = proof::dpop_algorithms;
    policy.tables = tables;
    proof::dpop_check op{{.proofs = fields, .method = "GET", .url = url}, policy, now};
    if (op.next()) {
        if (op.next()->verb != store::verb::insert || !op.next()->single_use || op.next()->record.expires <= now)
            std::abort();
        op.answer(store::reply::success());
    }
    if (op.next()) std::abort();
    return op.get();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    static auto const key = *local_key<es256>::from_key(*private_key::from_ec(curve::p256, bytes(32, 1)));
    static auto const good = *proof::make_dpop_proof(key, {.method = "GET", .url = url}, now);
    static auto const tables = crypto::generator_tables::make(4);
    static auto const parts = *jose::split_compact(good, 8192);

    // First octet, mod 4: 0 the input is the field; 1 it changes octets of the good one; 2 and 3 it is the header, or
    // the payload, of one that is signed by the right key: then what is accepted says what it must.
    if (size == 0) return 0;
    std::string_view const rest{reinterpret_cast<char const*>(data) + 1, size - 1};
    std::string field{rest};
    auto const kind = data[0] % 4;
    if (kind == 1) {
        field = good;
        for (std::size_t i = 1; i + 2 < size; i += 3) {
            auto const at = (std::size_t{data[i]} << 8 | data[i + 1]) % field.size();
            field[at] = static_cast<char>(field[at] ^ data[i + 2]);
        }
    } else if (kind >= 2) {
        auto const encoded = codec::base64url_encode(as_bytes(rest));
        field = kind == 2 ? encoded + "." + std::string{parts.payload} : std::string{parts.header} + "." + encoded;
        auto const signature = crypto::sign(key.key(), alg::es256, as_bytes(field));
        field += "." + codec::base64url_encode(*signature);
    }

    if (!key_is_judged_alike(field)) std::abort();
    auto const plain = judge(field, nullptr), prepared = judge(field, &tables);
    if (plain.has_value() != prepared.has_value()) std::abort();
    if (!plain) return plain.error() == prepared.error() ? 0 : (std::abort(), 0);
    if (!plain->is(prepared->thumbprint())) std::abort();
    if (kind < 2) {
        auto const start = field.find_first_not_of(" \t");
        if (field.substr(start, field.find_last_not_of(" \t") - start + 1) != good) std::abort();
        return 0;
    }
    if (!plain->is(key.key().public_part())) std::abort();
    auto const document = codec::json_document::parse(rest);
    if (!document) std::abort();
    auto const is = [&](std::string_view name, std::string_view value) {
        auto const member = document->root().find(name);
        return member && member->as_string().value_or(std::string_view{}) == value;
    };
    if (kind == 2 && (!is("typ", "dpop+jwt") || !is("alg", "ES256"))) std::abort();
    if (kind == 3 && (!is("htm", "GET") || !document->root().find("jti") || !document->root().find("iat")))
        std::abort();
    return 0;
}
