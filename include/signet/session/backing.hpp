// SPDX-License-Identifier: BSL-1.0
// What key stands behind a login, a session and an action, and what to ask for if it is not there. A pure decision.
#pragma once

#include <signet/core/enum_names.hpp>
#include <signet/core/result.hpp>
#include <signet/core/time.hpp>
#include <signet/proof/verified_key.hpp>
#include <signet/session/live_session.hpp>

#include <algorithm>
#include <chrono>
#include <concepts>
#include <span>
#include <string_view>
#include <vector>

namespace signet { inline namespace SIGNET_ABI { namespace session {

/// The evidence behind a login or an action, from the weakest to the strongest.
enum class backing : std::uint8_t {
    nothing,          ///< no key: a password, a code, a cookie
    browser_key,      ///< a key that this browser's scripts use and cannot export, or a passkey without its user
    dbsc,             ///< the key of the login's device bound session
    passkey,          ///< a passkey that verified its user, which may be synced to other devices
    device_passkey,   ///< a passkey that says it cannot leave its device
    attested_passkey, ///< a `device_passkey` whose attestation led to a trusted certificate
};
/// The names of the tiers.
inline constexpr auto backing_names = make_enum_names<backing>({
    {backing::nothing, "nothing"},
    {backing::browser_key, "browser key"},
    {backing::dbsc, "device bound session"},
    {backing::passkey, "passkey"},
    {backing::device_passkey, "device-bound passkey"},
    {backing::attested_passkey, "attested passkey"},
});
[[nodiscard]] constexpr std::string_view name(backing b) noexcept { return backing_names[b]; }

/// What a tier means for sessions and tokens, for `authentication` and claims.
struct backing_traits {
    /// The authenticator assurance level that it can support (NIST SP 800-63B), if the other requirements are met.
    std::uint8_t level;
    std::string_view methods; ///< `amr` (RFC 8176), to be added to those of a password; empty if there is none
    std::string_view acr;     ///< OpenID Connect EAP ACR Values 1.0, "phr" or "phrh"; empty if neither is true
};
/// Returns the meaning of a tier. Only an attested passkey is "hwk": a device's own claim that its key is in hardware
/// proves nothing.
[[nodiscard]] constexpr backing_traits traits(backing b) noexcept {
    switch (b) {
    case backing::attested_passkey: return {3, "hwk user mfa", "phrh"};
    case backing::device_passkey:
    case backing::passkey: return {2, "pop user mfa", "phr"};
    case backing::dbsc:
    case backing::browser_key: return {1, "pop", ""};
    case backing::nothing: break;
    }
    return {1, "", ""};
}

/// What protects a session after its login, so that a copied cookie is worthless, from the weakest to the strongest. A
/// passkey cannot, because each use of it asks the user for a gesture.
enum class keeper : std::uint8_t { nothing, browser_key, dbsc };

/// The choices of an application. It may have one for each kind of action.
struct backing_policy {
    /// What a login requires. Only a passkey can be used before the session exists; a tier between `nothing` and
    /// `passkey` is therefore required of the new session: see `required_keeper`.
    backing login = backing::nothing;
    backing action = backing::passkey; ///< what an action requires
    keeper session = keeper::nothing;  ///< the weakest protection that a session may have
    /// Whether a session or a password alone permits adding a key: a first passkey, or a browser's key after the first
    /// moments of a login. An attacker who stole the session or password can add one too.
    bool trust_first_use = false;
};
/// Returns what must protect a session: the stronger of `session` and, if `login` is below `passkey`, `login`.
[[nodiscard]] constexpr keeper required_keeper(backing_policy const& p) noexcept {
    auto const by_login = p.login == backing::dbsc          ? keeper::dbsc
                          : p.login == backing::browser_key ? keeper::browser_key
                                                            : keeper::nothing;
    return std::max(p.session, by_login);
}

/// The properties of a passkey, for applications that keep credentials in their own form. Other applications pass a
/// `webauthn::login` and `webauthn::credential` to `passkey_status::from` and `held_status::from`.
struct passkey_traits {
    bool user_verified = false;
    bool backup_eligible = true; ///< whether it may be synced
    bool attested = false;       ///< whether a trusted statement said at its registration what made it
};

/// A type with the properties of a passkey, such as `webauthn::credential`.
template <class T>
concept passkey_credential = requires(T const& c) {
    { c.backup_eligible } -> std::convertible_to<bool>;
    { c.backed_up } -> std::convertible_to<bool>;
    { c.trusted } -> std::convertible_to<bool>;
    { c.blocked } -> std::convertible_to<bool>;
};

namespace detail {
/// One that is backed up can be synced, whatever it said when it was registered.
constexpr passkey_traits traits_of(passkey_credential auto const& c, bool user_verified) noexcept {
    return {.user_verified = user_verified, .backup_eligible = c.backup_eligible || c.backed_up, .attested = c.trusted};
}

/// A synced passkey is not attested, whatever its statement said: its key has left the device.
template <class Value> constexpr Value value_of(passkey_traits const& t) noexcept {
    return t.backup_eligible ? Value::synced : t.attested ? Value::attested : Value::device;
}
} // namespace detail

/// The passkey that was used in this request.
class passkey_status {
public:
    /// The status. An `attested` passkey is also bound to its device. `unavailable` means that the passkey could not be
    /// verified.
    enum class value : std::uint8_t { none, unverified, synced, device, attested, unavailable };
    /// Returns the status of a request without a passkey.
    [[nodiscard]] static constexpr passkey_status none() noexcept { return value::none; }
    /// Makes a status from an accepted assertion, of which the key is the evidence. A synced passkey is not attested,
    /// whatever its statement said.
    [[nodiscard]] static constexpr passkey_status from(proof::verified_key const&, passkey_traits const& t) noexcept {
        return t.user_verified ? detail::value_of<value>(t) : value::unverified;
    }
    /// Makes a status from an accepted login or confirmation, a `webauthn::login`: its credential says whether it can
    /// be synced, and whether a trusted statement says what made it.
    template <class Login>
        requires requires(Login const& in) {
            requires passkey_credential<decltype(in.credential)>;
            { in.proof.key } -> std::convertible_to<proof::verified_key const&>;
            { in.proof.user_verified } -> std::convertible_to<bool>;
            { in.proof.backup_changed } -> std::convertible_to<bool>;
        }
    [[nodiscard]] static constexpr passkey_status from(Login const& in) noexcept {
        auto traits = detail::traits_of(in.credential, in.proof.user_verified);
        if (in.proof.backup_changed) traits.backup_eligible = true;
        return from(in.proof.key, traits);
    }
    /// Makes a status from the error of an assertion that was refused.
    [[nodiscard]] static passkey_status refused(errc why) noexcept {
        return http_status(why) == 503 ? value::unavailable : value::none;
    }
    /// Returns the status.
    [[nodiscard]] constexpr value get() const noexcept { return value_; }
    /// Makes a status without evidence, for tests. Services must not call it.
    [[nodiscard]] static constexpr passkey_status without_evidence(value v) noexcept { return v; }

private:
    constexpr passkey_status(value v) noexcept : value_{v} {}
    value value_;
};

/// The strongest passkey that the user has registered, whether or not it was used in this request.
class held_status {
public:
    /// The status. `unavailable` means that the store could not answer.
    enum class value : std::uint8_t { none, synced, device, attested, unavailable };
    /// Makes a status from all passkeys of the user that are not blocked. Their `user_verified` does not count.
    [[nodiscard]] static constexpr held_status from(std::span<passkey_traits const> all) noexcept {
        auto best = value::none;
        for (auto const& one : all) best = std::max(best, detail::value_of<value>(one));
        return best;
    }
    /// Makes a status from all passkeys of the user, the result of `webauthn::credentials::list`. Blocked ones do not
    /// count.
    template <passkey_credential Credential, class Allocator>
    [[nodiscard]] static constexpr held_status from(std::vector<Credential, Allocator> const& all) noexcept {
        auto best = value::none;
        for (auto const& one : all)
            if (!one.blocked) best = std::max(best, detail::value_of<value>(detail::traits_of(one, false)));
        return best;
    }
    /// Returns the status of a user whose passkeys could not be listed.
    [[nodiscard]] static constexpr held_status unavailable() noexcept { return value::unavailable; }
    /// Returns the status.
    [[nodiscard]] constexpr value get() const noexcept { return value_; }
    /// Makes a status without evidence, for tests. Services must not call it.
    [[nodiscard]] static constexpr held_status without_evidence(value v) noexcept { return v; }

private:
    constexpr held_status(value v) noexcept : value_{v} {}
    value value_;
};

/// What the application knows of the device bound session of a login.
struct dbsc_record {
    std::string_view login;          ///< `dbsc::registration_params::login`: the `sid` of the session
    std::string_view user;           ///< the user of the session
    std::string_view id{};           ///< the bound session's identifier; empty while none is registered
    unix_time offered{};             ///< when it was offered, and then when it was registered; 1970: never
    std::chrono::seconds settle{30}; ///< how long after that requests may come without its cookie
};

/// Whether the login's device bound session stands behind this request.
class dbsc_status {
public:
    /// The status.
    enum class value : std::uint8_t {
        not_offered, ///< the browser was not asked for one
        registering, ///< it was asked, or has registered, within `dbsc_record::settle`
        none,        ///< it was asked and has none
        live,        ///< its cookie came with this request
        stale,       ///< its cookie is missing or expired: a refresh brings a new one
        foreign,     ///< the cookie is of another login, or the bound session is over
        unavailable, ///< the store could not answer
    };
    /// Makes a status from the result of `dbsc::cookie_check`. A session that was bound once is never `none` again.
    template <class Session>
        requires requires(Session const& s) {
            { s.belongs_to(std::string_view{}) } -> std::same_as<bool>;
            std::string_view{s.id()}, std::string_view{s.user()};
        }
    [[nodiscard]] static dbsc_status from(result<Session> const& checked, dbsc_record const& known,
                                          unix_time now) noexcept {
        if (!checked) return refused(checked.error().code, known, now);
        bool const mine = checked->user() == known.user && checked->belongs_to(known.login) &&
                          (known.id.empty() || checked->id() == known.id);
        if (mine) return value::live;
        return known.id.empty() ? refused(errc::cookie_missing, known, now) : dbsc_status{value::foreign};
    }
    /// Returns the status.
    [[nodiscard]] constexpr value get() const noexcept { return value_; }
    /// Makes a status without evidence, for tests. Services must not call it.
    [[nodiscard]] static constexpr dbsc_status without_evidence(value v) noexcept { return v; }

private:
    static SIGNET_DECL dbsc_status refused(errc why, dbsc_record const& known, unix_time now) noexcept;
    constexpr dbsc_status(value v) noexcept : value_{v} {}
    value value_;
};

/// Whether the browser key that the session is bound to stands behind this request.
class browser_key_status {
public:
    /// The status.
    enum class value : std::uint8_t {
        none,        ///< the session is bound to no key
        registering, ///< none yet, but the login is younger than `settle`, so its page may be registering one
        unproved,    ///< the session is bound to a key, which was not proved in this request
        proved,
        foreign,     ///< the key that was proved is not the session's
        unavailable, ///< the store could not answer
    };
    /// Makes a status from the session and the key that was proved in this request, if any. `settle` is how long after
    /// the login, or its last step-up, its page may take to register a key.
    [[nodiscard]] static SIGNET_DECL browser_key_status from(live_session const& session,
                                                             proof::verified_key const* proved, unix_time now,
                                                             std::chrono::seconds settle = {}) noexcept;
    /// Returns the status in an application whose sessions are not bound to such keys.
    [[nodiscard]] static constexpr browser_key_status none() noexcept { return value::none; }
    /// Returns the status of a key that could not be looked up.
    [[nodiscard]] static constexpr browser_key_status unavailable() noexcept { return value::unavailable; }
    /// Returns the status.
    [[nodiscard]] constexpr value get() const noexcept { return value_; }
    /// Makes a status without evidence, for tests. Services must not call it.
    [[nodiscard]] static constexpr browser_key_status without_evidence(value v) noexcept { return v; }

private:
    constexpr browser_key_status(value v) noexcept : value_{v} {}
    value value_;
};

/// Everything that a decision depends on. At a login, `dbsc` and `browser_key` are ignored.
struct backing_evidence {
    passkey_status passkey = passkey_status::none();
    held_status held;
    dbsc_status dbsc;
    browser_key_status browser_key;
    /// Whether the browser says that it supports WebAuthn. Never evidence; it only selects what to ask for.
    bool has_webauthn = true;
};

/// Returns the strongest tier that the evidence shows.
[[nodiscard]] constexpr backing shown(backing_evidence const& evidence) noexcept {
    using p = passkey_status::value;
    auto const passkey = evidence.passkey.get();
    if (passkey == p::attested) return backing::attested_passkey;
    if (passkey == p::device) return backing::device_passkey;
    if (passkey == p::synced) return backing::passkey;
    if (evidence.dbsc.get() == dbsc_status::value::live) return backing::dbsc;
    bool const key = evidence.browser_key.get() == browser_key_status::value::proved;
    return key || passkey == p::unverified ? backing::browser_key : backing::nothing;
}

/// What to do next. Only `proceed` lets the login, the request or the action go on.
enum class backing_step : std::uint8_t {
    proceed,
    prove_passkey, ///< ask for an assertion with user verification, by one of the user's passkeys
    add_passkey,   ///< let the user register a passkey of that tier
    offer_dbsc,    ///< send `dbsc::offer_registration` with this answer
    wait,          ///< repeat in a moment: the browser is registering its bound session
    refresh_dbsc,  ///< answer with `dbsc::prove_again`, or with 401 where the browser refreshes by itself
    prove_key,     ///< ask for a signature by the browser key
    register_key,  ///< let the page make a browser key
    log_in,        ///< the session is not trusted: ask for a new login
    refuse,        ///< nothing that this browser and user have meets the policy
    unavailable,   ///< a store did not answer: 503, and change nothing
};
/// The names of the steps.
inline constexpr auto backing_step_names = make_enum_names<backing_step>({
    {backing_step::proceed, "proceed"},
    {backing_step::prove_passkey, "prove passkey"},
    {backing_step::add_passkey, "add passkey"},
    {backing_step::offer_dbsc, "offer a device bound session"},
    {backing_step::wait, "wait"},
    {backing_step::refresh_dbsc, "refresh the device bound session"},
    {backing_step::prove_key, "prove browser key"},
    {backing_step::register_key, "register browser key"},
    {backing_step::log_in, "log in"},
    {backing_step::refuse, "refuse"},
    {backing_step::unavailable, "unavailable"},
});
[[nodiscard]] constexpr std::string_view name(backing_step s) noexcept { return backing_step_names[s]; }

/// A decision.
struct backing_decision {
    backing_step step;
    std::string_view why; ///< the reason, for a log
};

/// Decides whether what keeps the session is there, for every request. A session that was bound to a key once does not
/// continue without it, whatever the policy demands.
[[nodiscard]] constexpr backing_decision decide_keeping(backing_evidence const& evidence,
                                                        backing_policy const& policy) noexcept {
    using namespace std::string_view_literals; // of known length, so the compiler judges every case fast
    using d = dbsc_status::value;
    using k = browser_key_status::value;
    auto const bound = evidence.dbsc.get();
    auto const key = evidence.browser_key.get();
    auto const need = required_keeper(policy);
    bool const may_add = policy.trust_first_use || shown(evidence) >= backing::passkey;

    if (bound == d::unavailable || key == k::unavailable)
        return {backing_step::unavailable, "the store is not available"sv};
    if (bound == d::foreign) return {backing_step::log_in, "the bound session is another login's, or over"sv};
    if (key == k::foreign) return {backing_step::log_in, "another key was proved than the session's"sv};
    if (bound == d::live) return {backing_step::proceed, "kept by the device bound session"sv};
    if (bound == d::stale) return {backing_step::refresh_dbsc, "the bound cookie is missing or expired"sv};
    if (key == k::unproved) return {backing_step::prove_key, "the session's key was not proved"sv};
    if (need == keeper::nothing) return {backing_step::proceed, "nothing need keep the session"sv};
    if (bound == d::registering) return {backing_step::proceed, "the browser is registering its bound session"sv};
    if (need == keeper::browser_key) {
        if (key == k::proved) return {backing_step::proceed, "kept by the browser key"sv};
        if (key == k::registering) return {backing_step::proceed, "the page is registering its key"sv};
        if (may_add) return {backing_step::register_key, "the session has no key"sv};
        return {backing_step::log_in, "the session has no key, and none may be added to it"sv};
    }
    if (bound == d::none) return {backing_step::refuse, "the browser has no device bound sessions"sv};
    if (may_add) return {backing_step::offer_dbsc, "the session is not bound"sv};
    return {backing_step::log_in, "the session is not bound, and may not become so now"sv};
}

/// Decides whether a login or an action has the required evidence, and if not, what to ask for. To add a passkey, a
/// user must have used the strongest passkey of the account, or have none if the policy has `trust_first_use`.
[[nodiscard]] constexpr backing_decision decide_backing(backing demand, backing_evidence const& evidence,
                                                        backing_policy const& policy) noexcept {
    using namespace std::string_view_literals;
    using p = passkey_status::value;
    using h = held_status::value;
    using d = dbsc_status::value;
    using k = browser_key_status::value;
    auto const have = shown(evidence);
    auto const bound = evidence.dbsc.get();
    auto const key = evidence.browser_key.get();
    if (have >= demand) return {backing_step::proceed, "backed as demanded"sv};
    if (evidence.passkey.get() == p::unavailable || evidence.held.get() == h::unavailable || bound == d::unavailable ||
        key == k::unavailable)
        return {backing_step::unavailable, "a store is not available"sv};

    // What this browser has for the demand, before a gesture is asked of the user.
    if (demand <= backing::dbsc) {
        if (bound == d::stale) return {backing_step::refresh_dbsc, "the bound cookie is missing or expired"sv};
        if (bound == d::registering) return {backing_step::wait, "the browser is registering its bound session"sv};
    }
    if (demand == backing::browser_key) {
        if (key == k::unproved) return {backing_step::prove_key, "the session's key was not proved"sv};
        if (key == k::registering) return {backing_step::register_key, "the page has not registered its key yet"sv};
    }
    auto const held = evidence.held.get() == h::attested ? backing::attested_passkey
                      : evidence.held.get() == h::device ? backing::device_passkey
                      : evidence.held.get() == h::synced ? backing::passkey
                                                         : backing::nothing;
    if (held > have && held != backing::nothing) {
        if (evidence.has_webauthn)
            return {backing_step::prove_passkey, held >= demand
                                                     ? "a passkey of the user is strong enough"sv
                                                     : "a stronger passkey is added with the one there is"sv};
    } else if (evidence.has_webauthn && demand >= backing::passkey) {
        if (have >= backing::passkey) return {backing_step::add_passkey, "no passkey of the user is strong enough"sv};
        if (policy.trust_first_use) return {backing_step::add_passkey, "the user has no passkey yet"sv};
    }
    if (demand <= backing::dbsc && policy.trust_first_use) {
        if (demand == backing::browser_key && key == k::none) return {backing_step::register_key, "no key yet"sv};
        if (bound == d::not_offered) return {backing_step::offer_dbsc, "the session is not bound"sv};
    }
    return {backing_step::refuse, "nothing that is there meets the demand"sv};
}

/// What is decided about.
enum class backed_use : std::uint8_t { login, request, action };

/// Decides about a login, a request or an action by one policy: a login by what backs it, a request by what keeps its
/// session, and an action by both, the session first. Every combination of evidence has a decision.
///
/// @par Example
/// `auto next = decide_backing(backed_use::action, evidence, {.action = backing::passkey, .session = keeper::dbsc});`
[[nodiscard]] constexpr backing_decision decide_backing(backed_use use, backing_evidence const& evidence,
                                                        backing_policy const& policy) noexcept {
    using namespace std::string_view_literals;
    if (use == backed_use::login) {
        if (policy.login <= backing::dbsc) return {backing_step::proceed, "a login needs no passkey"sv};
        backing_evidence const alone{.passkey = evidence.passkey,
                                     .held = evidence.held,
                                     .dbsc = dbsc_status::without_evidence(dbsc_status::value::none),
                                     .browser_key =
                                         browser_key_status::without_evidence(browser_key_status::value::none),
                                     .has_webauthn = evidence.has_webauthn};
        return decide_backing(policy.login, alone, policy);
    }
    auto const kept = decide_keeping(evidence, policy);
    if (use == backed_use::request || kept.step != backing_step::proceed) return kept;
    return decide_backing(policy.action, evidence, policy);
}

}}} // namespace signet::session

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/session/impl/backing.ipp>
#endif
