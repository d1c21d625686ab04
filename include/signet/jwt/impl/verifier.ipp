// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/codec/base64url.hpp>
#include <signet/jose/jws.hpp>
#include <signet/jwt/impl/key_check.hpp>
#include <signet/jwt/impl/key_follower.hpp>
#include <signet/jwt/impl/preparations.hpp>
#include <signet/jwt/impl/thread_states.hpp>
#include <signet/jwt/verifier.hpp>

#include <algorithm>
#include <cstring>
#include <mutex>
#include <optional>

namespace signet { inline namespace SIGNET_ABI { namespace jwt { namespace detail {

SIGNET_DECL key_check* make_mac_check(jose::key_entry const& key, alg a) {
    auto const& secret = *key.as_mac_key();
    return secret.algorithm_id() == a ? new mac_check{secret} : nullptr;
}

SIGNET_DECL key_check* make_signature_check(jose::key_entry const& key, alg a) {
    auto operation = crypto::detail::verify_operations::by_botan(*key.as_public_key(), a);
    return operation ? new signature_check{*std::move(operation)} : nullptr;
}

SIGNET_DECL own_functions const* own_arithmetic() noexcept { return &verifies_own; }
SIGNET_DECL ml_dsa_functions const* ml_dsa_arithmetic() noexcept { return &verifies_ml_dsa; }

/// Operations of Botan that one state keeps: each holds up to 8.6 KB.
inline constexpr std::size_t max_operations = 64;

/// Headers longer than this are read anew each time.
inline constexpr std::size_t max_remembered_header = 1024;

/// One key's operation, made at its first use.
struct operation {
    std::size_t key = 0; ///< position in the state's key set
    alg algorithm{};
    std::uint64_t used = 0; ///< the state's clock at the last use
    std::unique_ptr<key_check> check;
};

/// What a header said, and which keys it may mean; kept only after a good signature.
struct header_memo {
    std::string encoded; ///< empty: nothing is remembered
    std::string type, key_id;
    bool type_allowed = false;
    alg algorithm{};
    jose::candidates keys; ///< all of them: tokens of two keys without kid have the same header
};

/// Everything a verification changes. One thread's at a time.
struct verifier_state {
    std::shared_ptr<jose::any_key_set const> keys;
    std::shared_ptr<preparations const> prepared; // of the keys; none: everything is Botan's
    std::uint64_t generation = 0, epoch = 0;
    std::vector<operation> operations;
    std::uint64_t clock = 0;
    header_memo memo;
    // Where the owning form decodes before it knows how much to own; sized at its first use.
    std::vector<char> text;
    std::vector<codec::json_node> nodes;
    token_index index;

    /// The operation of that key, made now if it is not there; the least recently used one is evicted.
    /// nullptr where the key cannot be used with the algorithm.
    key_check* find(std::size_t key, alg a, check_functions const& how, crypto::generator_tables const* generators) {
        ++clock;
        for (auto& o : operations)
            if (o.key == key && o.algorithm == a) return o.used = clock, o.check.get();

        auto const& entry = (*keys)[key];
        operation fresh{.key = key, .algorithm = a, .used = clock, .check = nullptr};
        if (entry.as_mac_key()) fresh.check.reset(how.make_mac ? how.make_mac(entry, a) : nullptr);
        else if (generators && crypto::can_be_prepared(a))
            fresh.check.reset(traits(a).type == key_type::akp
                                  ? how.ml_dsa()->make_counted(*prepared, *keys, key, a)
                                  : how.own()->make_check(how.curves, *generators, *prepared, *keys, key, a));
        else if (traits(a).type == key_type::akp) fresh.check.reset(how.ml_dsa()->make_plain(entry, a));
        else fresh.check.reset(how.make_signature ? how.make_signature(entry, a) : nullptr);
        if (!fresh.check) return nullptr;
        if (operations.size() < max_operations) {
            operations.reserve(max_operations);
            return operations.emplace_back(std::move(fresh)).check.get();
        }
        auto* oldest = &operations.front();
        for (auto& o : operations)
            if (o.used < oldest->used) oldest = &o;
        *oldest = std::move(fresh);
        return oldest->check.get();
    }
};

/// Where a verification writes: the memory of a scratch, or of a state.
struct workspace {
    std::span<char> text;
    std::span<codec::json_node> nodes;
    token_index& index;
};

class verifier_core {
public:
    verifier_core(check_functions const& how, std::shared_ptr<jose::any_key_set const> keys, policy policy,
                  std::optional<crypto::generator_tables> generators)
        : how_{how}, policy_{std::move(policy)}, keys_{std::move(keys)} {
        if (!policy_.prepared_keys || !how_.own) return;
        auto const serves = [&](alg a) { return !accepted().contains(a) || generators->serves(a); };
        generators_ = generators && serves(alg::es256) && serves(alg::ed25519)
                          ? std::move(generators)
                          : how_.own()->make_generators(how_.curves);
        prepared_ = how_.own()->prepare(keys_, nullptr, *generators_, ml_dsa(), policy_.max_table_bytes);
    }

    verifier_core(verifier_core const&) = delete;
    ~verifier_core() {
        if (follower_) follower_->close();
    }

    /// From here on the keys are those of the source.
    void follow(key_source&& source, key_list_reader read) {
        follower_ = std::make_shared<key_follower>(
            std::move(source), read, accepted(),
            [this](std::shared_ptr<jose::any_key_set const> keys) { swap(std::move(keys)); });
    }
    key_follower* follower() const noexcept { return follower_.get(); }
    /// Calls `attempt(now)`, with a source until it has the keys that the token needs.
    template <class Attempt> auto with_keys(std::string_view text, unix_time now, key_wait* later,
                                            Attempt const& attempt) const -> decltype(attempt(now)) {
        if (!follower_) return attempt(now);
        if (text.size() > policy_.max_token) return errc::token_too_large; // it would be kept until there are keys
        return follower_->verify(text, now, later, attempt);
    }

    algorithm_set accepted() const noexcept { return how_.accepted; }
    ml_dsa_functions const* ml_dsa() const noexcept { return how_.ml_dsa ? how_.ml_dsa() : nullptr; }
    policy const& get_policy() const noexcept { return policy_; }
    std::uint64_t generation() const noexcept { return generation_.load(std::memory_order_acquire); }
    thread_states<verifier_state>::loan borrow() { return states_.borrow(); }

    std::shared_ptr<jose::any_key_set const> keys() const {
        std::lock_guard lock{mutex_};
        return keys_;
    }
    void swap(std::shared_ptr<jose::any_key_set const> keys) {
        std::lock_guard changing{changing_};
        std::shared_ptr<preparations const> prepared;
        if (prepared_)
            prepared = how_.own()->prepare(keys, prepared_.get(), *generators_, ml_dsa(), policy_.max_table_bytes);
        {
            std::lock_guard lock{mutex_};
            keys_.swap(keys);
            prepared_.swap(prepared);
            // The epoch first: who reads the new generation must see the new epoch too. Else a cache could keep what
            // the old keys verified as if the new ones had.
            epoch_.fetch_add(1, std::memory_order_release);
            generation_.fetch_add(1, std::memory_order_release);
        } // the old list goes, if nobody uses it, outside the lock
        refresh_idle();
    }

    crypto::generator_tables const* generators() const noexcept { return generators_ ? &*generators_ : nullptr; }

    std::vector<wanted_key> keys_to_prepare(preparation const& how) const {
        std::lock_guard changing{changing_};
        return prepared_ ? prepared_->wanted(how) : std::vector<wanted_key>{};
    }
    bool install(crypto::prepared_key const& tables, std::size_t max_bytes) {
        std::lock_guard changing{changing_};
        if (!prepared_) return false;
        auto next = std::make_shared<preparations>(*prepared_);
        if (!next->install(tables, max_bytes)) return false;
        std::shared_ptr<preparations const> prepared = std::move(next);
        {
            std::lock_guard lock{mutex_};
            prepared_.swap(prepared);
            epoch_.fetch_add(1, std::memory_order_release);
        }
        refresh_idle();
        return true;
    }

    /// The state with the keys and tables of this moment: one look unless they changed.
    void refresh(verifier_state& state) const noexcept {
        if (state.epoch == epoch_.load(std::memory_order_acquire)) return;
        auto const old = state.generation;
        {
            std::lock_guard lock{mutex_};
            state.keys = keys_;
            state.prepared = prepared_;
            state.generation = generation_.load(std::memory_order_relaxed);
            state.epoch = epoch_.load(std::memory_order_relaxed);
        }
        if (state.generation != old) {
            state.memo.encoded.clear();
            state.operations.clear();
        }
        for (auto& o : state.operations)
            if (state.prepared) o.check->take_tables(*state.prepared);
    }

    result<void> run(verifier_state& state, std::string_view text, workspace const& buffer, unix_time now) const;

private:
    /// So that removed keys and tables are freed at once, even if the thread whose state it is never comes back.
    void refresh_idle() noexcept {
        states_.for_each_idle([this](verifier_state& state) { refresh(state); });
    }

    check_functions how_;
    policy policy_;
    mutable std::mutex mutex_;
    std::shared_ptr<jose::any_key_set const> keys_;
    std::shared_ptr<preparations const> prepared_;       // changed under both mutexes, read under either
    std::optional<crypto::generator_tables> generators_; // none: everything is Botan's
    mutable std::mutex changing_;              // who changes keys or tables holds it; no verification waits for it
    std::atomic<std::uint64_t> generation_{1}; // of the keys, for caches
    std::atomic<std::uint64_t> epoch_{1};      // of keys and tables; a new state has 0 and so fetches both
    thread_states<verifier_state> states_;
    std::shared_ptr<key_follower> follower_; // none: the keys are those of `swap`
};

/// A decoded header's members that matter here. Views of the decoded text.
struct header_traits {
    std::string_view type, key_id; ///< empty where absent
    alg algorithm{};
};

// The region of a decoded token's text: payload, then the header or what is kept of it, then the signature.
struct regions {
    std::span<char> payload, header, signature;
};

inline regions divide(std::span<char> text, jose::compact_parts const& token) noexcept {
    auto const payload = codec::base64url_decoded_size(token.payload.size());
    auto const header = codec::base64url_decoded_size(token.header.size());
    auto const signature = codec::base64url_decoded_size(token.signature.size());
    return {text.subspan(0, payload), text.subspan(payload, header), text.subspan(payload + header, signature)};
}

inline std::span<std::uint8_t> octets(std::span<char> text) noexcept {
    return {reinterpret_cast<std::uint8_t*>(text.data()), text.size()};
}

/// Keeps what a header said, once its signature held.
inline void remember(header_memo& memo, std::string_view encoded, header_traits const& header,
                     jose::candidates const& keys, bool type_allowed) {
    if (encoded.size() > max_remembered_header) return;
    memo.encoded.clear(); // should an allocation fail, nothing is remembered
    memo.type = header.type;
    memo.key_id = header.key_id;
    memo.algorithm = header.algorithm;
    memo.type_allowed = type_allowed;
    memo.keys = keys;
    memo.encoded = encoded;
}

// The steps of RFC 7515 section 5.2 and RFC 7519 section 7.2, the cheap ones first; nothing of the payload is read
// before the signature holds.
inline result<void> verifier_core::run(verifier_state& state, std::string_view text, workspace const& buffer,
                                       unix_time now) const {
    refresh(state);

    // ---- form and size
    auto const token = jose::split_compact(text, std::min(policy_.max_token, buffer.text.size()));
    if (!token) return token.error();
    auto const at = divide(buffer.text, *token);

    // ---- header: what a remembered one says, or read anew
    auto const known = token->header == state.memo.encoded;
    header_traits header;
    jose::candidates keys;
    if (known) {
        auto* to = at.header.data();
        auto const put = [&](std::string const& s) {
            std::memcpy(to, s.data(), s.size());
            return std::string_view{std::exchange(to, to + s.size()), s.size()};
        };
        header = {.type = put(state.memo.type), .key_id = put(state.memo.key_id), .algorithm = state.memo.algorithm};
        keys = state.memo.keys;
    } else {
        auto const read = jose::read_header(token->header, at.header, buffer.nodes);
        if (!read) return read.error();
        header = {.type = read->typ.value_or(""), .key_id = read->kid.value_or(""), .algorithm = read->algorithm};

        // ---- key: the kid's, and it must be for the header's algorithm
        if (!accepted().contains(read->algorithm)) return error{errc::algorithm_not_allowed, field_name::alg};
        auto const found = state.keys->find(read->kid, read->algorithm);
        if (!found) return found.error();
        keys = *found;
    }

    // ---- signature
    auto const signature = codec::base64url_decode(token->signature, octets(at.signature));
    if (!signature) return error{signature.error().code, token->signing_input.size() + 1 + signature.error().at};
    bytes_view const tag{octets(at.signature).first(*signature)};
    bool holds = false;
    for (auto const* key = keys.begin(); key != keys.end() && !holds; ++key) {
        auto* check = state.find(*key, header.algorithm, how_, generators());
        holds = check && check->verify(as_bytes(token->signing_input), tag);
    }
    if (!holds) return errc::bad_signature;
    auto const type_allowed =
        known ? state.memo.type_allowed : policy_.type.waived() || policy_.type.allows_type(header.type);
    if (!known) remember(state.memo, token->header, header, keys, type_allowed);

    // ---- payload
    auto const decoded = codec::base64url_decode(token->payload, octets(at.payload));
    if (!decoded) return error{decoded.error().code, token->header.size() + 1 + decoded.error().at};
    auto const payload = at.payload.first(*decoded);
    auto const root = codec::parse_json(payload, buffer.nodes, {.max_size = payload.size()});
    if (!root) return root.error();
    if (!root->is_object()) return errc::malformed_payload;

    auto const offset = [&](std::string_view s) {
        return s.empty() ? 0 : static_cast<std::uint32_t>(s.data() - buffer.text.data());
    };
    auto& index = buffer.index;
    index.text_size = static_cast<std::uint32_t>(at.payload.size() + at.header.size());
    index.node_count = buffer.nodes[0].next;
    index.type_at = offset(header.type);
    index.key_id_at = offset(header.key_id);
    index.type_size = static_cast<std::uint32_t>(header.type.size());
    index.key_id_size = static_cast<std::uint32_t>(header.key_id.size());
    index.algorithm = header.algorithm;
    if (auto const registered = index_claims(*root, index); !registered) return registered.error();

    // ---- claims
    if (!type_allowed) return error{errc::wrong_type, field_name::typ};
    token_access::raw_view const claims{buffer.text.data(), buffer.nodes.data(), index};
    return check_payload(claims, policy_, now);
}

// ---- the handle ----------------------------------------------------------------------------------------------------

/// Verifies into a scratch with a state, whoever's it is.
inline result<verified> verify_into(verifier_core const& core, verifier_state& state, std::string_view text,
                                    scratch_base& buffer, unix_time now) {
    auto const limit = max_claim_values(core.get_policy().max_token);
    auto const nodes = std::min(limit, token_access::node_capacity(buffer));
    auto const memory = workspace{{token_access::text(buffer), buffer.capacity()},
                                  {token_access::nodes(buffer), nodes},
                                  token_access::index(buffer)};
    if (auto const done = core.run(state, text, memory, now); !done) return done.error();
    return token_access::hold(buffer);
}

/// Verifies into the state's own memory and copies what is to be kept.
inline result<token> verify_owning(verifier_core const& core, verifier_state& state, std::string_view text,
                                   unix_time now) {
    if (text.size() > core.get_policy().max_token) return errc::token_too_large;
    if (state.text.size() < text.size()) state.text.resize(text.size());
    if (state.nodes.empty()) state.nodes.resize(max_claim_values(core.get_policy().max_token));
    if (auto const done = core.run(state, text, {state.text, state.nodes, state.index}, now); !done)
        return done.error();
    return token_access::own(state.text.data(), state.nodes.data(), state.index);
}

SIGNET_DECL verifier_handle::verifier_handle(check_functions const& how, jose::any_key_set&& keys, policy&& policy,
                                             std::optional<crypto::generator_tables>&& generators)
    : core_{new verifier_core{how, jose::share(std::move(keys)), std::move(policy), std::move(generators)}} {}
SIGNET_DECL verifier_handle::verifier_handle(check_functions const& how, jose::any_key_set&& keys, policy&& policy)
    : verifier_handle{how, std::move(keys), std::move(policy), std::nullopt} {}
SIGNET_DECL verifier_handle::verifier_handle(check_functions const& how, key_source&& source, key_list_reader read,
                                             policy&& policy, std::optional<crypto::generator_tables>&& generators)
    : verifier_handle{how, jose::any_key_set{how.accepted}, std::move(policy), std::move(generators)} {
    core_->follow(std::move(source), read);
}
SIGNET_DECL verifier_handle::verifier_handle(verifier_handle&& other) noexcept
    : core_{std::exchange(other.core_, nullptr)} {}
SIGNET_DECL verifier_handle& verifier_handle::operator=(verifier_handle&& other) noexcept {
    if (this != &other) delete std::exchange(core_, std::exchange(other.core_, nullptr));
    return *this;
}
SIGNET_DECL verifier_handle::~verifier_handle() { delete core_; }

SIGNET_DECL result<verified> verifier_handle::verify(std::string_view text, scratch_base& buffer, unix_time now) const {
    if (buffer.held()) return errc::buffer_in_use;
    return core_->with_keys(text, now, nullptr, [&](unix_time at) {
        auto loan = core_->borrow();
        auto answer = verify_into(*core_, *loan, text, buffer, at);
        loan.give_back();
        return answer;
    });
}

SIGNET_DECL result<token> verifier_handle::verify(std::string_view text, unix_time now, key_wait* later) const {
    return core_->with_keys(text, now, later, [&](unix_time at) {
        auto loan = core_->borrow();
        auto answer = verify_owning(*core_, *loan, text, at);
        loan.give_back();
        return answer;
    });
}

SIGNET_DECL result<void> verifier_handle::look_after_keys(unix_time& now, key_wait* later) const {
    auto* const follower = core_->follower();
    if (!follower) return {};
    key_wait here;
    return follower->look_after(follower->begin(later ? *later : here), now, later == nullptr);
}
SIGNET_DECL unix_time verifier_handle::refresh(unix_time now) const {
    auto* const follower = core_->follower();
    return follower ? follower->refresh(now) : latest_time;
}

SIGNET_DECL void verifier_handle::swap(std::shared_ptr<jose::any_key_set const> keys) const {
    core_->swap(std::move(keys));
}
SIGNET_DECL std::shared_ptr<jose::any_key_set const> verifier_handle::keys() const { return core_->keys(); }
SIGNET_DECL std::uint64_t verifier_handle::key_generation() const noexcept { return core_->generation(); }
SIGNET_DECL std::vector<wanted_key> verifier_handle::keys_to_prepare(preparation const& how) const {
    return core_->keys_to_prepare(how);
}
SIGNET_DECL bool verifier_handle::install(crypto::prepared_key const& tables, std::size_t max_bytes) const {
    return core_->install(tables, max_bytes);
}
SIGNET_DECL std::size_t verifier_handle::prepare(preparation const& how) const {
    std::size_t made = 0;
    for (auto const& wanted : keys_to_prepare(how)) {
        auto const tables = make_tables(*generators(), core_->ml_dsa(), wanted.key, how.shape);
        made += tables && install(*tables, how.max_bytes);
    }
    return made;
}
SIGNET_DECL crypto::generator_tables const* verifier_handle::generators() const noexcept { return core_->generators(); }
SIGNET_DECL policy const& verifier_handle::get_policy() const noexcept { return core_->get_policy(); }
SIGNET_DECL algorithm_set verifier_handle::accepted() const noexcept { return core_->accepted(); }

}}}} // namespace signet::jwt::detail

namespace signet { inline namespace SIGNET_ABI { namespace jwt {

SIGNET_DECL thread_verifier::thread_verifier(detail::verifier_handle const& of)
    : core_{of.core_}, state_{new detail::verifier_state} {}
SIGNET_DECL thread_verifier::thread_verifier(thread_verifier&& other) noexcept
    : core_{other.core_}, state_{std::exchange(other.state_, nullptr)} {}
SIGNET_DECL thread_verifier& thread_verifier::operator=(thread_verifier&& other) noexcept {
    core_ = other.core_;
    if (this != &other) delete std::exchange(state_, std::exchange(other.state_, nullptr));
    return *this;
}
SIGNET_DECL thread_verifier::~thread_verifier() { delete state_; }

// The state is taken out while it works, so that one an exception passed through is not used again.

SIGNET_DECL result<verified> thread_verifier::verify(std::string_view text, scratch_base& buffer, unix_time now) {
    if (buffer.held()) return errc::buffer_in_use;
    std::unique_ptr<detail::verifier_state> state{std::exchange(state_, nullptr)};
    if (!state) state.reset(new detail::verifier_state);
    auto answer = core_->with_keys(text, now, nullptr,
                                   [&](unix_time at) { return detail::verify_into(*core_, *state, text, buffer, at); });
    state_ = state.release();
    return answer;
}

SIGNET_DECL result<jwt::token> thread_verifier::verify(std::string_view text, unix_time now) {
    std::unique_ptr<detail::verifier_state> state{std::exchange(state_, nullptr)};
    if (!state) state.reset(new detail::verifier_state);
    auto answer = core_->with_keys(text, now, nullptr,
                                   [&](unix_time at) { return detail::verify_owning(*core_, *state, text, at); });
    state_ = state.release();
    return answer;
}

}}} // namespace signet::jwt
