// Proofs and records of device bound sessions: whatever comes in, only what the browser's key signed is accepted, and
// each answer is one that keeps the session.
#include "changed.hpp"

#include <signet/dbsc.hpp>
#include <signet/store.hpp>

#include <cstdlib>
#include <string>

using namespace signet;

namespace {

constexpr unix_time now{std::chrono::seconds{1'800'000'000}};
constexpr dbsc::policy shop{{.cookie = dbsc::bound_cookie(), .origin = "https://shop.example"}};

struct world {
    private_key key = *private_key::generate(alg::es256);
    std::string id, cookie, registration, refresh; // the good proofs
    bytes pending, session;                        // the good records
    store::record_key pending_key{};
};

bytes copy_of(bytes_view octets) { return {octets.begin(), octets.end()}; }

std::string between(std::string_view text, std::string_view before, char end) {
    auto const at = text.find(before) + before.size();
    return std::string{text.substr(at, text.find(end, at) - at)};
}

world const& made() {
    static world const one = [] {
        world w;
        auto begin = dbsc::offer_registration(shop, {.user = "anna", .login = "one"}, now);
        w.pending = copy_of(begin.next()->record.bytes);
        w.pending_key = begin.next()->key;
        begin.answer(store::reply::success());
        w.registration = *dbsc::sign_registration(w.key, alg::es256, between(*begin.get(), "challenge=\"", '"'));
        auto finish =
            dbsc::handle_registration(shop, {.method = "POST", .response = w.registration, .login = "one"}, now);
        finish.answer(store::reply::success({w.pending, now + std::chrono::seconds{100}, 1}));
        w.session = copy_of(finish.next()->record.bytes);
        finish.answer(store::reply::success());
        auto const done = *finish.get();
        if (!done.outcome) std::abort();
        w.id = done.outcome->session.id();
        w.cookie = std::string{shop.cookie().name()} + "=" + between(done.answer.find("Set-Cookie"), "=", ';');
        w.refresh =
            *dbsc::sign_refresh(w.key, alg::es256, between(done.answer.find("Secure-Session-Challenge"), "\"", '"'));
        return w;
    }();
    return one;
}

store::reply holding(bytes_view octets) { return store::reply::success({octets, now + std::chrono::seconds{100}, 1}); }

void refresh(std::string_view token) {
    auto const& w = made();
    auto op =
        dbsc::handle_refresh(shop, {.method = "POST", .response = token, .session_id = w.id, .login = "one"}, now);
    op.answer(holding(w.session));
    auto const value = dbsc::read_value(token, dbsc::max_proof_size);
    bool const good = value && *value == w.refresh;
    if ((op.next() != nullptr) != good) std::abort(); // nothing else writes
    if (good) {
        if (op.next()->verb != store::verb::replace || !op.next()->single_use) std::abort();
        op.answer(store::reply::success());
    }
    auto const done = *op.get();
    if (op.next() || done.outcome.has_value() != good || done.answer.status != (good ? 200 : 403)) std::abort();
    if (done.answer.find("Secure-Session-Challenge").empty() || done.answer.find("Set-Cookie").empty() == good)
        std::abort();
}

void registration(std::string_view token) {
    auto const& w = made();
    auto op = dbsc::handle_registration(shop, {.method = "POST", .response = token, .login = "one"}, now);
    if (op.next()) {
        if (op.next()->verb != store::verb::take || !op.next()->single_use) std::abort();
        op.answer(op.next()->key == w.pending_key ? holding(w.pending) : store::reply::not_applied());
        if (op.next()) op.answer(store::reply::success());
    }
    auto const value = dbsc::read_value(token, dbsc::max_proof_size);
    bool const good = value && *value == w.registration;
    auto const done = *op.get();
    if (op.next() || done.outcome.has_value() != good) std::abort();
    auto const status = done.answer.status;
    if (good ? status != 200 : status != 400 && status != 403) std::abort();
}

void records(bytes_view octets) {
    auto const& w = made();
    using namespace dbsc::detail;
    if (auto const read = read_session(octets)) { // one encoding only
        auto const again = session_octets(*read);
        if (!again || *again != copy_of(octets)) std::abort();
    }
    if (auto const read = store::read_fields<registration_record>(octets, registration_format, registration_kind)) {
        bytes again;
        if (!store::write_fields(*read, registration_format, registration_kind, again) || again != copy_of(octets))
            std::abort();
    }
    auto op =
        dbsc::handle_refresh(shop, {.method = "POST", .response = w.refresh, .session_id = w.id, .login = "one"}, now);
    op.answer(holding(octets));
    if (op.next()) op.answer(store::reply::success());
    auto const status = op.get()->answer.status;
    if (op.next() || (status != 200 && status != 403 && status / 100 != 5)) std::abort();
    dbsc::cookie_check check{shop, w.cookie, now};
    check.answer(holding(octets));
    (void)check.get();
    auto end = dbsc::end_session(w.id, dbsc::ending::revoked, now);
    end.answer(holding(octets));
}

} // namespace

// The first octet says what the rest is: a proof, or what is changed in a good one; the same for records.
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    if (size == 0) return 0;
    auto const kind = data[0] % 7;
    std::string const rest{reinterpret_cast<char const*>(data) + 1, size - 1};
    auto const& w = made();
    switch (kind) {
    case 0: refresh(rest); break;
    case 1: refresh(changed(w.refresh, data + 1, size - 1)); break;
    case 2: registration(rest); break;
    case 3: registration(changed(w.registration, data + 1, size - 1)); break;
    case 4: records(as_bytes(rest)); break;
    case 5: records(as_bytes(changed(std::string{as_text(w.session)}, data + 1, size - 1))); break;
    default: records(as_bytes(changed(std::string{as_text(w.pending)}, data + 1, size - 1))); break;
    }
    return 0;
}
