// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/session/login_session.hpp>

#include <signet/session/impl/log_in.hpp>
#include <signet/session/impl/log_out.hpp>
#include <signet/session/impl/user_sessions.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace session {

SIGNET_DECL result<login_sessions> login_sessions::make(std::string tenant, std::string app, mac_keys keys,
                                                        session_policy policy) {
    if (auto good = policy.profile.check(); !good) return good.error();
    if (policy.max_sessions == 0 || policy.max_sessions > max_user_sessions || tenant.empty() || app.empty() ||
        tenant.size() > detail::max_session_name || app.size() > detail::max_session_name ||
        policy.remember_ended < std::chrono::seconds{0} || policy.epoch_cache < std::chrono::seconds{0} ||
        policy.epoch_cache > max_epoch_cache) {
        return errc::out_of_range;
    }
    for (auto const& [client, lifetime] : policy.client_lifetimes) {
        if (lifetime <= std::chrono::seconds{0} || lifetime > max_lifetime) return errc::session_lifetime_too_long;
        if (client.empty() || client.size() > detail::max_session_name ||
            std::ranges::count(policy.client_lifetimes, client, &client_lifetime::client_id) != 1)
            return errc::out_of_range;
    }
    return login_sessions{std::make_shared<detail::sessions_body const>(std::move(tenant), std::move(app),
                                                                        std::move(keys), std::move(policy))};
}

SIGNET_DECL session_policy const& login_sessions::policy() const& noexcept { return body_->policy; }
SIGNET_DECL std::string_view login_sessions::app() const& noexcept { return body_->app; }

SIGNET_DECL session_lookup login_sessions::authenticate(std::string_view cookie, client_properties client,
                                                        unix_time now) const {
    return {body_, cookie, client, now, false};
}
SIGNET_DECL session_lookup login_sessions::find(std::string_view cookie, client_properties client,
                                                unix_time now) const {
    return {body_, cookie, client, now, true};
}

// ---- sessions begin, and change

SIGNET_DECL store::task<issued_session> login_sessions::begin_anonymous(client_properties client, unix_time now,
                                                                        random_ref rng,
                                                                        std::pmr::memory_resource* frames) const {
    auto made = std::make_unique<detail::new_session>(*body_, detail::fresh_sid(rng), nullptr, client, now, rng);
    return detail::begin_anonymous({body_, now, frames}, std::move(made));
}

SIGNET_DECL store::task<issued_session> login_sessions::log_in(authentication who, client_properties client,
                                                               unix_time now, std::string_view old_cookie,
                                                               random_ref rng,
                                                               std::pmr::memory_resource* frames) const {
    auto made = std::make_unique<detail::new_session>(*body_, detail::fresh_sid(rng), &who, client, now, rng);
    std::optional<detail::shown_cookie> old;
    if (!old_cookie.empty()) old.emplace(old_cookie);
    return detail::log_in({body_, now, frames}, std::move(made), old);
}

SIGNET_DECL store::task<issued_session> login_sessions::step_up(std::string_view cookie, authentication who,
                                                                client_properties client, unix_time now, random_ref rng,
                                                                std::pmr::memory_resource* frames) const {
    // The new secret is one for the session that the cookie names.
    detail::shown_cookie const shown{cookie};
    auto made = std::make_unique<detail::new_session>(*body_, shown.sid(), &who, client, now, rng);
    return detail::step_up({body_, now, frames}, shown, std::move(made));
}

SIGNET_DECL store::task<live_session> login_sessions::extend(std::string_view cookie, client_properties client,
                                                             unix_time now, std::pmr::memory_resource* frames) const {
    return detail::extend({body_, now, frames}, detail::shown_cookie{cookie}, detail::hash_client(*body_, client));
}
SIGNET_DECL store::task<unix_time> login_sessions::extend_by_sid(std::string_view user, std::string_view sid,
                                                                 unix_time now,
                                                                 std::pmr::memory_resource* frames) const {
    return detail::extend_by_sid({body_, now, frames}, std::string{user}, detail::name_of_session(sid));
}
SIGNET_DECL store::task<live_session> login_sessions::link(std::string_view cookie, linked_token token,
                                                           client_properties client, unix_time now,
                                                           std::pmr::memory_resource* frames) const {
    return detail::link({body_, now, frames}, detail::shown_cookie{cookie}, std::move(token),
                        detail::hash_client(*body_, client));
}
SIGNET_DECL store::task<live_session> login_sessions::set_data(std::string_view cookie, std::string data,
                                                               client_properties client, unix_time now,
                                                               std::pmr::memory_resource* frames) const {
    return detail::set_data({body_, now, frames}, detail::shown_cookie{cookie}, std::move(data),
                            detail::hash_client(*body_, client));
}

// ---- sessions end

SIGNET_DECL store::task<ended_sessions> login_sessions::log_out(std::string_view cookie, unix_time now,
                                                                std::pmr::memory_resource* frames) const {
    return detail::log_out({body_, now, frames}, detail::shown_cookie{cookie});
}

SIGNET_DECL store::task<ended_sessions> login_sessions::log_out_user(std::string_view user, logout_scope scope,
                                                                     unix_time now,
                                                                     std::pmr::memory_resource* frames) const {
    using which = detail::roster_change::which;
    detail::roster_change change{.end = scope == logout_scope::this_app ? which::of_app : which::all,
                                 .why = end_reason::logged_out};
    return detail::end_by_roster({body_, now, frames}, std::string{user}, std::move(change), session_event::log_out);
}

SIGNET_DECL store::task<ended_sessions> login_sessions::log_out_idp_session(std::string_view issuer,
                                                                            std::string_view idp_session, unix_time now,
                                                                            std::string_view user,
                                                                            std::pmr::memory_resource* frames) const {
    detail::idp_name idp{std::string{issuer}, std::string{idp_session}};
    return detail::log_out_idp_session({body_, now, frames}, std::move(idp), std::string{user});
}

SIGNET_DECL store::task<ended_sessions> login_sessions::revoke_user(std::string_view user, unix_time now,
                                                                    end_reason why,
                                                                    std::pmr::memory_resource* frames) const {
    detail::roster_change change{
        .end = detail::roster_change::which::all, .why = why, .families = true, .not_before = true};
    return detail::end_by_roster({body_, now, frames}, std::string{user}, std::move(change), session_event::revoke);
}

SIGNET_DECL store::task<ended_sessions> login_sessions::revoke_others(std::string_view user, std::string_view keep_sid,
                                                                      unix_time now, end_reason why,
                                                                      std::pmr::memory_resource* frames) const {
    detail::roster_change change{.end = detail::roster_change::which::all_but_one,
                                 .sid = detail::name_of_session(keep_sid),
                                 .why = why,
                                 .families = true,
                                 .not_before = true};
    return detail::end_by_roster({body_, now, frames}, std::string{user}, std::move(change), session_event::revoke);
}

SIGNET_DECL store::task<ended_sessions> login_sessions::revoke_one(std::string_view user, std::string_view sid,
                                                                   unix_time now, end_reason why,
                                                                   std::pmr::memory_resource* frames) const {
    detail::roster_change change{
        .end = detail::roster_change::which::one, .sid = detail::name_of_session(sid), .why = why, .families = true};
    return detail::end_by_roster({body_, now, frames}, std::string{user}, std::move(change), session_event::revoke);
}

SIGNET_DECL store::task<ended_sessions> login_sessions::revoke_by_key(std::string_view user,
                                                                      crypto::sha256_digest const& key, unix_time now,
                                                                      end_reason why,
                                                                      std::pmr::memory_resource* frames) const {
    detail::roster_change change{.end = detail::roster_change::which::of_key, .key = key, .why = why};
    return detail::end_by_roster({body_, now, frames}, std::string{user}, std::move(change), session_event::revoke);
}

SIGNET_DECL store::task<ended_sessions> login_sessions::revoke_all(logout_scope scope, unix_time now,
                                                                   std::pmr::memory_resource* frames) const {
    return detail::revoke_all({body_, now, frames}, scope == logout_scope::everywhere);
}

// ---- what a user's roster says

SIGNET_DECL store::task<std::vector<live_session>> login_sessions::list(std::string_view user, unix_time now,
                                                                        std::pmr::memory_resource* frames) const {
    return detail::list_sessions({body_, now, frames}, std::string{user});
}

SIGNET_DECL store::task<std::vector<std::string>> login_sessions::finish_revocations(
    std::string_view user, unix_time now, std::pmr::memory_resource* frames) const {
    return detail::finish_revocations({body_, now, frames}, std::string{user});
}

SIGNET_DECL store::task<unix_time> login_sessions::not_before(std::string_view user, unix_time now,
                                                              std::string_view sid,
                                                              std::pmr::memory_resource* frames) const {
    return detail::not_before({body_, now, frames}, std::string{user}, detail::name_of_session(sid));
}

SIGNET_DECL store::task<unix_time> login_sessions::join_family(std::string_view user, std::string_view session,
                                                               store::record_key const& record, unix_time started,
                                                               unix_time ends, bool (*is_over)(bytes_view, unix_time),
                                                               unix_time now, std::pmr::memory_resource* frames) const {
    detail::roster_entry entry{.family = true,
                               .key = record,
                               .app = body_->app_hash,
                               .origin = detail::name_of_session(session),
                               .created = started,
                               .expires = ends};
    return detail::join_family({body_, now, frames}, std::string{user}, !session.empty(), std::move(entry), is_over);
}

}}} // namespace signet::session
