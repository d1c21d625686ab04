// The accounts: a name and the Argon2id hash of a password, if it has one, a record each in the same store as
// everything else.
#pragma once

#include "any_store.hpp"

#include <signet/core.hpp>

#include <string>

namespace web {

struct account {
    std::string name;
    bool admin = false;
    bool has_password = true; ///< else its passkeys are the only way in
};

class users {
public:
    explicit users(any_store& db) : db_{&db} {}

    /// `record_conflict` where the name is taken, `out_of_range` for a name or password that cannot be.
    signet::result<account> add(std::string_view name, std::string_view password, bool admin,
                                signet::unix_time now) const;
    /// An account without a password, for who has a passkey. Errors as those of `add`.
    signet::result<account> add_without_password(std::string_view name, signet::unix_time now) const;
    /// What `add_without_password` would say of the name.
    signet::result<void> check_free(std::string_view name, signet::unix_time now) const;
    signet::result<void> remove(std::string_view name, signet::unix_time now) const;
    /// `login_refused` for an unknown name and for a wrong password, after the same work.
    signet::result<account> check(std::string_view name, std::string_view password, signet::unix_time now) const;
    /// `login_refused` for an unknown name.
    signet::result<account> find(std::string_view name, signet::unix_time now) const;

private:
    signet::result<account> insert(std::string_view name, std::string_view hash, bool admin,
                                   signet::unix_time now) const;

    any_store* db_;
};

} // namespace web
