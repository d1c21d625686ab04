// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/webauthn/ceremonies.hpp>

#include <signet/proof/challenge.hpp>
#include <signet/webauthn/client_data.hpp>
#include <signet/webauthn/impl/answer.hpp>
#include <signet/webauthn/impl/user_record.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace webauthn {

namespace detail {

inline constexpr std::string_view creation_purpose = "webauthn.create", request_purpose = "webauthn.get";
// As platform authenticators have them, which most users have.
inline constexpr std::string_view decoy_transports = "hybrid internal";

inline std::string app_of(relying_party const& rp) { return std::string{rp.params().rp_id}; }

inline std::vector<std::string> copies(std::span<std::string_view const> texts) { return {texts.begin(), texts.end()}; }

inline std::vector<credential_descriptor> descriptors(std::vector<listed_credential> const& all) {
    std::vector<credential_descriptor> made;
    made.reserve(all.size());
    for (auto const& one : all) made.push_back({one.id, one.transports});
    return made;
}

// The challenge that an answer shows. Whether it was issued, and for what, only the store knows.
inline result<std::string> read_shown_challenge(std::string_view json) {
    auto const answer = read_answer(json);
    if (!answer) return answer.error();
    auto const octets = octets_member(answer->response(), "clientDataJSON");
    if (!octets) return octets.error();
    auto data = read_client_data(*octets);
    if (!data) return data.error();
    return std::move(data->challenge);
}

// ---- registration

struct registration_begin {
    std::string user, user_name, display_name, session;
    bool discoverable;
    std::vector<std::string> hints;
};

// The user's record, made if there is none. It lives for the ceremony at least.
inline store::task<user_record> enrol_user(std::string rp_id, std::string user, user_record fresh, unix_time now,
                                           std::pmr::memory_resource* frames) {
    user_record record;
    auto const judge = [&](std::optional<store::record> const& found) -> result<store::swap_decision> {
        auto read = read_user(found);
        if (!read) return read.error();
        record = *read ? **std::move(read) : fresh;
        if (found && found->expires > saturating_add(now, unused_handle_lifetime / 2))
            return store::swap_decision::keep();
        return write_user(record, saturating_add(now, unused_handle_lifetime));
    };
    co_await store::compare_and_swap(user_key(rp_id, user), now, judge, frames);
    co_return std::move(record);
}

inline store::task<std::string> begin_registration(relying_party rp, registration_begin p, unix_time now,
                                                   random_ref rng, std::pmr::memory_resource* frames) {
    if (p.user.empty() || p.user.size() > max_user || p.user_name.empty()) co_return errc::out_of_range;
    user_record fresh;
    rng.fill(fresh.handle);
    auto const record = co_await enrol_user(app_of(rp), p.user, fresh, now, frames);
    if (record.credentials.size() >= max_user_credentials) co_return errc::webauthn_credential_limit;

    proof::challenge_params const terms{
        .purpose = creation_purpose, .app = rp.params().rp_id, .user = p.user, .session = p.session};
    auto const challenge = co_await proof::issue_challenge(terms, now, rp.params().timeout, rng, frames);
    auto const exclude = descriptors(record.credentials);
    std::vector<std::string_view> const hints{p.hints.begin(), p.hints.end()};
    creation_params const params{.challenge = challenge,
                                 .user_handle = record.handle,
                                 .user_name = p.user_name,
                                 .display_name = p.display_name,
                                 .exclude = exclude,
                                 .discoverable = p.discoverable,
                                 .hints = hints};
    co_return write_creation_options(rp, params);
}

struct registration_finish {
    std::string answer, user, session, label;
    bool conditional;
};

// The id is nobody's yet, and becomes the user's when the user's record names it.
inline store::task<void> add_credential(std::string rp_id, credential const* made, unix_time now,
                                        std::pmr::memory_resource* frames) {
    auto const octets = co_await write_credential(*made);
    auto const key = id_key(rp_id, made->id);
    auto const inserted = co_await store::insert(key, octets, latest_time, now);
    if (!inserted) co_return errc::credential_registered;
    auto const list = [made](user_record& record) -> result<bool> {
        if (!std::ranges::equal(record.handle, made->user_handle)) return errc::webauthn_user_handle;
        if (record.credentials.size() >= max_user_credentials) return errc::webauthn_credential_limit;
        record.credentials.push_back({made->id, made->transports});
        return true;
    };
    auto const listed = co_await store::as_result(change_user(rp_id, made->user, list, now, frames));
    if (listed) co_return {};
    if (listed.error() != errc::outcome_unknown) // else it may be listed
        (void)co_await store::as_result(store::erase(key, now, inserted->version));
    co_return listed.error();
}

inline store::task<attested> finish_registration(relying_party rp, registration_finish p, unix_time now,
                                                 std::pmr::memory_resource* frames) {
    if (p.label.size() > max_label) co_return errc::out_of_range;
    auto const challenge = co_await read_shown_challenge(p.answer);
    proof::challenge_params const terms{
        .purpose = creation_purpose, .app = rp.params().rp_id, .user = p.user, .session = p.session};
    co_await proof::take_challenge(challenge, terms, now, frames);

    expected const e{.rp = rp, .challenge = challenge, .presence = !p.conditional};
    auto made = judge_registration(p.answer, e, now);
    if (!made) co_return made.error();
    auto const record = co_await find_user(app_of(rp), p.user, now, frames);
    if (!record) co_return errc::webauthn_user_handle;
    auto& credential = made->credential;
    credential.user = p.user, credential.label = p.label;
    credential.user_handle.assign(record->handle.begin(), record->handle.end());
    co_await add_credential(app_of(rp), &credential, now, frames);
    co_return *std::move(made);
}

// ---- login

struct login_begin {
    std::string user, session, action;
    std::vector<bytes> decoys;
    std::vector<std::string> hints;
};

inline store::task<std::string> begin_login(relying_party rp, login_begin p, unix_time now, random_ref rng,
                                            std::pmr::memory_resource* frames) {
    if (p.user.size() > max_user) co_return errc::out_of_range;
    std::vector<listed_credential> allow;
    if (!p.user.empty()) {
        auto record = co_await find_user(app_of(rp), p.user, now, frames);
        if (record) allow = std::move(record->credentials);
        if (allow.empty())
            for (auto& id : p.decoys) allow.push_back({std::move(id), std::string{decoy_transports}});
        if (allow.empty()) co_return errc::webauthn_credential_unknown;
    }
    proof::challenge_params const terms{
        .purpose = request_purpose, .app = rp.params().rp_id, .user = p.user, .session = p.session, .action = p.action};
    auto const challenge = co_await proof::issue_challenge(terms, now, rp.params().timeout, rng, frames);
    auto const shown = descriptors(allow);
    std::vector<std::string_view> const hints{p.hints.begin(), p.hints.end()};
    co_return write_request_options(rp, {.challenge = challenge, .allow = shown, .hints = hints});
}

struct login_finish {
    relying_party rp;
    std::string answer, user, session, action;
    bool other_factor;

    std::string challenge{};
    std::optional<login> accepted{};
};

// What is stored decides, whenever it is read again. That a credential is removed or blocked is said last.
inline store::task<store::swap_decision> judge_login(login_finish* p, std::optional<store::record> const* found,
                                                     unix_time now, std::pmr::memory_resource* frames) {
    p->accepted.reset();
    if (!*found) co_return errc::webauthn_credential_unknown;
    auto stored = co_await read_credential((*found)->bytes);
    bool const is_known = !p->user.empty(), is_removed = stored.user.empty();
    if (is_known && !is_removed && stored.user != p->user) co_return errc::webauthn_credential_unknown;
    expected const e{.rp = p->rp, .challenge = p->challenge, .user_known = is_known};
    auto const proof = judge_assertion(p->answer, e, stored);
    if (!proof) co_return proof.error();

    if (is_removed) co_return errc::webauthn_credential_removed;
    auto const record = co_await find_user(app_of(p->rp), stored.user, now, frames);
    if (!record || !record->lists(stored.id) || !std::ranges::equal(record->handle, stored.user_handle))
        co_return errc::webauthn_credential_removed;
    if (stored.blocked) co_return errc::webauthn_credential_blocked;

    stored.count = std::max(stored.count, proof->count); // a copy that is reported once stays behind
    stored.backed_up = proof->backed_up;
    if (proof->user_verified && p->other_factor) stored.uv_initialized = true;
    stored.last_used = std::max(stored.last_used, now);
    auto octets = co_await write_credential(stored);
    p->accepted = login{std::move(stored), *proof};
    co_return store::swap_decision::write(std::move(octets), latest_time);
}

inline store::task<login> finish_login(login_finish p, unix_time now, std::pmr::memory_resource* frames) {
    auto const claimed = co_await read_claimed_credential(p.answer);
    p.challenge = co_await read_shown_challenge(p.answer);
    proof::challenge_params const terms{.purpose = request_purpose,
                                        .app = p.rp.params().rp_id,
                                        .user = p.user,
                                        .session = p.session,
                                        .action = p.action};
    co_await proof::take_challenge(p.challenge, terms, now, frames);
    auto const judge = [&](std::optional<store::record> const& found) { return judge_login(&p, &found, now, frames); };
    co_await store::compare_and_swap(id_key(app_of(p.rp), claimed.id), now, judge, frames);
    co_return *std::move(p.accepted);
}

} // namespace detail

SIGNET_DECL store::task<std::string> begin_registration(relying_party const& rp,
                                                        begin_registration_params const& params, unix_time now,
                                                        random_ref rng, std::pmr::memory_resource* frames) {
    detail::registration_begin begin{
        std::string{params.user},    std::string{params.user_name}, std::string{params.display_name},
        std::string{params.session}, params.discoverable,           detail::copies(params.hints)};
    return detail::begin_registration(rp, std::move(begin), now, rng, frames);
}

SIGNET_DECL store::task<attested> finish_registration(relying_party const& rp, std::string_view answer,
                                                      finish_registration_params const& params, unix_time now,
                                                      std::pmr::memory_resource* frames) {
    detail::registration_finish finish{std::string{answer}, std::string{params.user}, std::string{params.session},
                                       std::string{params.label}, params.conditional};
    return detail::finish_registration(rp, std::move(finish), now, frames);
}

SIGNET_DECL store::task<std::string> begin_login(relying_party const& rp, begin_login_params const& params,
                                                 unix_time now, random_ref rng, std::pmr::memory_resource* frames) {
    detail::login_begin begin{std::string{params.user},
                              std::string{params.session},
                              std::string{params.action},
                              {},
                              detail::copies(params.hints)};
    if (params.decoys && !params.user.empty()) begin.decoys = decoy_credentials(*params.decoys, params.user);
    return detail::begin_login(rp, std::move(begin), now, rng, frames);
}

SIGNET_DECL store::task<login> finish_login(relying_party const& rp, std::string_view answer,
                                            finish_login_params const& params, unix_time now,
                                            std::pmr::memory_resource* frames) {
    detail::login_finish finish{rp,
                                std::string{answer},
                                std::string{params.user},
                                std::string{params.session},
                                std::string{params.action},
                                params.other_factor};
    return detail::finish_login(std::move(finish), now, frames);
}

SIGNET_DECL error outward(error e) noexcept {
    auto const status = e.http_status();
    return status == 400 || status == 401 ? error{errc::webauthn_refused} : e;
}

}}} // namespace signet::webauthn
