#include "users.hpp"

#include <signet/proof/record_key.hpp>
#include <signet/store/record.hpp>

#include <botan/argon2.h>
#include <botan/system_rng.h>

#include <algorithm>

namespace web {

using namespace signet;

namespace {

constexpr std::uint8_t format = 1, kind = 'u';

store::record_key key_of(std::string_view name) { return proof::record_key("demo-user", {name}); }

// OWASP's first choice: Argon2id, 19 MiB, 2 passes.
std::string hash_of(std::string_view password) {
    return Botan::argon2_generate_pwhash(password.data(), password.size(), Botan::system_rng(), 1, 19'456, 2);
}

bool good_name(std::string_view name) {
    return !name.empty() && name.size() <= 32 && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
    });
}

struct stored {
    account who;
    std::string hash;
};

result<stored> read(any_store& db, std::string_view name, unix_time now) {
    std::array<std::uint8_t, 1024> buffer;
    auto const reply = db.execute(store::find(key_of(name), buffer, now));
    auto const there = reply.done();
    if (!there) return there.error();
    if (!*there) return errc::login_refused;
    store::record_reader r{reply.record.bytes, format, kind};
    stored s;
    s.who.name = r.text();
    s.hash = r.text();
    s.who.admin = r.flag();
    s.who.has_password = !s.hash.empty();
    if (auto good = r.finish(); !good) return good.error();
    return s;
}

} // namespace

result<account> users::add(std::string_view name, std::string_view password, bool admin, unix_time now) const {
    if (password.size() < 8 || password.size() > 256) return errc::out_of_range;
    if (auto const free = check_free(name, now); !free) return free.error(); // before the hash, which is dear
    return insert(name, hash_of(password), admin, now);
}

result<account> users::add_without_password(std::string_view name, unix_time now) const {
    if (auto const free = check_free(name, now); !free) return free.error();
    return insert(name, {}, false, now);
}

result<void> users::check_free(std::string_view name, unix_time now) const {
    if (!good_name(name)) return errc::out_of_range;
    if (auto const there = read(*db_, name, now)) return errc::record_conflict;
    else if (there.error() != errc::login_refused) return there.error();
    return {};
}

result<void> users::remove(std::string_view name, unix_time now) const {
    auto const done = db_->execute(store::erase(key_of(name), now)).done();
    if (!done) return done.error();
    return {};
}

result<account> users::insert(std::string_view name, std::string_view hash, bool admin, unix_time now) const {
    bytes record;
    store::record_writer w{record, format, kind};
    w.text(name);
    w.text(hash);
    w.flag(admin);
    auto const octets = w.finish();
    if (!octets) return octets.error();
    auto const written =
        db_->execute(store::insert(key_of(name), *octets, now + std::chrono::hours{24 * 3650}, now)).done();
    if (!written) return written.error();
    if (!*written) return errc::record_conflict;
    return account{std::string{name}, admin, !hash.empty()};
}

result<account> users::check(std::string_view name, std::string_view password, unix_time now) const {
    static std::string const nobody =
        hash_of("the password of nobody"); // so that an unknown name, or one without a password, takes as long
    auto const found = good_name(name) ? read(*db_, name, now) : result<stored>{errc::login_refused};
    if (!found && found.error() != errc::login_refused) return found.error();
    bool const known = found && found->who.has_password;
    bool const right = password.size() <= 256 &&
                       Botan::argon2_check_pwhash(password.data(), password.size(), known ? found->hash : nobody);
    if (!known || !right) return errc::login_refused;
    return found->who;
}

result<account> users::find(std::string_view name, unix_time now) const {
    auto found = read(*db_, name, now);
    if (!found) return found.error();
    return std::move(found->who);
}

} // namespace web
