// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/core/impl/seed.hpp>
#include <signet/core/secret.hpp>
#include <signet/store/impl/bounded.hpp>
#include <signet/store/impl/redis_protocol.hpp>
#include <signet/store/impl/redis_slot.hpp>
#include <signet/store/impl/scan_place.hpp>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <utility>

#include <hiredis/hiredis.h>
#include <sys/socket.h>

namespace signet { inline namespace SIGNET_ABI { namespace store { namespace detail {

SIGNET_DECL void redis_free::operator()(redisReply* r) const noexcept { freeReplyObject(r); }
SIGNET_DECL void redis_free::operator()(redisReader* r) const noexcept { redisReaderFree(r); }

SIGNET_DECL std::string_view redis_string(redisReply const* r) noexcept {
    auto const has_text =
        r && (r->type == REDIS_REPLY_STRING || r->type == REDIS_REPLY_ERROR || r->type == REDIS_REPLY_STATUS);
    return has_text ? std::string_view{r->str, static_cast<std::size_t>(r->len)} : std::string_view{};
}

SIGNET_DECL std::string redis_login_error(std::string_view said) {
    return std::string{said.substr(0, said.find(' '))} + " in answer to AUTH";
}

SIGNET_DECL bool redis_parse_slots(redisReply const& said, std::vector<redis_slots_row>& rows) {
    auto const is_number = [](redisReply const* r, std::size_t below) {
        return r->type == REDIS_REPLY_INTEGER && r->integer >= 0 && static_cast<unsigned long long>(r->integer) < below;
    };
    rows.clear();
    if (said.type != REDIS_REPLY_ARRAY) return false;
    for (std::size_t i = 0; i != said.elements; ++i) {
        auto const& row = *said.element[i];
        if (row.type != REDIS_REPLY_ARRAY || row.elements < 3 || !is_number(row.element[0], redis_slots) ||
            !is_number(row.element[1], redis_slots) || row.element[0]->integer > row.element[1]->integer) {
            rows.clear();
            return false;
        }
        auto& to = rows.emplace_back();
        to.first = static_cast<std::size_t>(row.element[0]->integer);
        to.last = static_cast<std::size_t>(row.element[1]->integer);
        for (std::size_t k = 2; k != row.elements; ++k) {
            auto const& who = *row.element[k];
            auto& node = to.nodes.emplace_back(redis_address{{}, 0});
            if (who.type != REDIS_REPLY_ARRAY || who.elements < 2 || !is_number(who.element[1], 65'536)) continue;
            auto const host = redis_string(who.element[0]);
            if (host != "?") node = {std::string{host}, static_cast<int>(who.element[1]->integer)};
        }
    }
    return !rows.empty();
}

// ---- octets in

SIGNET_DECL bool redis_reader::begin() {
    reader_.reset(redisReaderCreate());
    return reader_ != nullptr;
}

SIGNET_DECL bool redis_reader::feed(std::string_view octets) {
    return redisReaderFeed(reader_.get(), octets.data(), octets.size()) == REDIS_OK;
}

SIGNET_DECL bool redis_reader::next(redis_answer& answer) {
    void* made = nullptr;
    auto const good = redisReaderGetReply(reader_.get(), &made) == REDIS_OK;
    answer.reset(static_cast<redisReply*>(made));
    return good;
}

SIGNET_DECL bool redis_is_quiet(int socket) noexcept {
    char octet;
    auto const n = ::recv(socket, &octet, 1, MSG_PEEK | MSG_DONTWAIT);
    return n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

// ---- octets out

SIGNET_DECL bool redis_command(std::string& out, std::initializer_list<std::string_view> parts) {
    std::array<char const*, 12> data;
    std::array<std::size_t, 12> size;
    std::size_t n = 0;
    for (auto part : parts) data[n] = part.empty() ? "" : part.data(), size[n++] = part.size();
    char* made = nullptr;
    auto const length = redisFormatCommandArgv(&made, static_cast<int>(n), data.data(), size.data());
    if (length < 0) return false;
    struct owned {
        char* text;
        std::size_t size;
        ~owned() {
            wipe({reinterpret_cast<std::uint8_t*>(text), size}); // it may have a password
            redisFreeCommand(text);
        }
    } const command{made, static_cast<std::size_t>(length)};
    out.append(command.text, command.size);
    return true;
}

SIGNET_DECL redis_protocol::redis_protocol(redis_params params)
    : params_{std::move(params)}, lineage_{params_.prefix + "lineage"} {
    params_.slack = bounded(params_.slack);
    if (!params_.breaker)
        params_.breaker = std::make_shared<store::breaker>(breaker_params{.max_pause = params_.retry_after});
}
SIGNET_DECL redis_protocol::~redis_protocol() {
    wipe_text(params_.password);
    wipe_text(params_.sentinel_password);
}

// ---- connecting

// What a server needs that forgets nothing it acknowledged. Without the third, nothing is synced while it rewrites.
struct redis_setting {
    std::string_view name, value;
};
inline constexpr redis_setting redis_settings[] = {{"appendonly", "yes"},
                                                   {"appendfsync", "always"},
                                                   {"no-appendfsync-on-rewrite", "no"},
                                                   {"maxmemory-policy", "noeviction"}};

SIGNET_DECL std::size_t redis_protocol::write_settings(std::string& out, std::int64_t now) const {
    redis_command(out, {"EVAL", redis_lineage, "1", lineage_, std::to_string(now)});
    for (auto const& setting : redis_settings) redis_command(out, {"CONFIG", "GET", setting.name});
    return 1 + std::size(redis_settings);
}

// A setting that the server does not tell is not as it should be.
SIGNET_DECL bool redis_protocol::read_settings(std::span<redis_answer const> answers, std::string_view broken,
                                               std::int64_t now) {
    if (answers.empty()) return fail(broken);
    if (!recognise(*answers[0], now)) return false;
    answers = answers.subspan(1);
    if (answers.size() < std::size(redis_settings)) return fail(broken);
    fit_ = true;
    for (std::size_t i = 0; i != std::size(redis_settings); ++i) {
        auto const& answer = answers[i];
        auto const& setting = redis_settings[i];
        std::string_view value;
        if (answer->type == REDIS_REPLY_ARRAY && answer->elements == 2) value = redis_string(answer->element[1]);
        if (value == setting.value) continue;
        if (std::exchange(fit_, false)) words_ = "the server may forget:";
        words_.append(" ").append(setting.name).append(" is not ").append(setting.value).append(";");
    }
    if (fit_ && failover_loses_writes()) words_ = "a failover may lose writes: `replicas` is not set";
    judged_at_ = now;
    return true;
}

// For the words around a login, and what follows it at once.
inline constexpr std::size_t redis_login_room = 1'024;

SIGNET_DECL std::size_t redis_protocol::write_login(std::string& out, std::string_view user,
                                                    std::string_view password) {
    if (password.empty()) return 0;
    out.reserve(out.size() + user.size() + password.size() + redis_login_room); // no copy of it is freed
    if (user.empty()) redis_command(out, {"AUTH", password});
    else redis_command(out, {"AUTH", user, password});
    return 1;
}

SIGNET_DECL std::size_t redis_protocol::write_greeting(std::string& out, std::int64_t now) const {
    // What follows the password must not move it: a copy of it would be freed as it is.
    auto room = out.size() + params_.user.size() + params_.password.size() + lineage_.size() + redis_lineage.size() +
                2 * redis_login_room;
    for (auto text : redis_text) room += redis_judge.size() + text.size() + 64;
    out.reserve(room);
    auto count = write_login(out) + redis_scripts;
    auto const database = std::to_string(params_.database);
    if (params_.database != 0) redis_command(out, {"SELECT", database}), ++count;
    count += write_settings(out, now);
    for (auto text : redis_text) redis_command(out, {"SCRIPT", "LOAD", std::string{redis_judge} + std::string{text}});
    return count;
}

SIGNET_DECL bool redis_protocol::read_greeting(std::span<redis_answer const> answers, std::string_view broken,
                                               std::int64_t now) {
    redisReply const* answer = nullptr;
    auto const next = [&] {
        answer = answers.empty() ? nullptr : answers[0].get();
        if (answer) answers = answers.subspan(1);
        return answer != nullptr;
    };
    if (!params_.password.empty()) {
        if (!next()) return fail(broken);
        if (answer->type == REDIS_REPLY_ERROR) return fail(redis_login_error(redis_string(answer)));
    }
    if (params_.database != 0) {
        if (!next()) return fail(broken);
        if (answer->type == REDIS_REPLY_ERROR) return fail(redis_string(answer));
    }

    words_.clear();
    if (!read_settings(answers, broken, now)) return false;
    answers = answers.subspan(1 + std::size(redis_settings));
    for (auto& digest : digest_) {
        if (!next()) return fail(broken);
        if (answer->type == REDIS_REPLY_ERROR) return fail(redis_string(answer));
        digest = redis_string(answer);
    }

    if (!seeded_) {
        auto const start = signet::detail::random_seed();
        if (!start) return fail("no randomness");
        versions_ = version_walk{*start};
        seeded_ = true;
    }
    return true;
}

// Who is it, and did it forget? A replica takes no writes; one that becomes a master may lack the last of them. Where
// the server cannot keep since when it is the one it is, what was issued before this question is refused.
SIGNET_DECL bool redis_protocol::recognise(redisReply const& answer, std::int64_t now) {
    if (answer.type == REDIS_REPLY_ERROR) return fail(redis_string(&answer)); // NOAUTH, LOADING
    auto const part = [&](std::size_t i) {
        return i < answer.elements ? redis_string(answer.element[i]) : std::string_view{};
    };
    if (answer.elements == 1) {
        was_replica_ = true;
        return fail("the server is a replica");
    }
    auto const run = part(0), since = part(1);
    std::int64_t until = 0;
    std::uint64_t word = 0;
    if (run.size() < 16 || std::from_chars(run.data(), run.data() + 16, word, 16).ec != std::errc{} ||
        std::from_chars(since.data(), since.data() + since.size(), until).ec != std::errc{})
        return fail("the server does not tell its run_id");
    if (answer.elements > 2) words_ = "the server cannot keep its lineage: " + std::string{part(2)};
    auto const run_word = redis_pack(word); // 64 of its 160 random bits: enough to tell runs apart
    // Whoever said since when may have used this server while we still used another one.
    auto const changed = run_word_ != redis_word{} && run_word_ != run_word;
    not_before_ = std::max(not_before_, changed ? std::max(now, until) : until);
    was_replica_ = made_no_sense_ = false;
    run_word_ = run_word;
    return true;
}

// ---- one verb

SIGNET_DECL bool redis_protocol::lacks_script(redisReply const& answer) {
    return answer.type == REDIS_REPLY_ERROR && redis_string(&answer).starts_with("NOSCRIPT");
}

SIGNET_DECL reply redis_protocol::allowed(request const& ask) const {
    if (auto wrong = check(ask); wrong.outcome == outcome::failed) return wrong;
    if (!is_lasting(ask)) return reply::success();
    if (!accepts_lasting_writes()) return reply::failure(errc::store_unfit);
    if (ask.single_use && ask.verb != verb::take && seconds(ask.issued) <= not_before_)
        return reply::failure(errc::store_restarted);
    return reply::success();
}

SIGNET_DECL void redis_protocol::write_wait(std::string& out) const {
    // The server's time limit must end before ours, or the connection is lost. 0 would be none.
    auto const limit = std::max<std::int64_t>(1, params_.reply_timeout.count() / 2);
    redis_command(out, {"WAIT", std::to_string(params_.replicas), std::to_string(limit)});
}

SIGNET_DECL bool redis_protocol::has_waited(redisReply const* answer) const noexcept {
    return answer && answer->type == REDIS_REPLY_INTEGER && answer->integer >= static_cast<long long>(params_.replicas);
}

SIGNET_DECL std::string redis_key(std::string_view prefix, record_key const& key) {
    std::string name{prefix};
    return name.append(reinterpret_cast<char const*>(key.data()), key.size());
}

SIGNET_DECL bool redis_protocol::write(std::string& out, request const& ask, std::uint64_t version,
                                       bool whole_script) const {
    auto const key = redis_key(params_.prefix, ask.key);
    if (ask.verb == verb::find) return redis_command(out, {"GET", key});

    auto const script = ask.verb == verb::insert    ? redis_insert
                        : ask.verb == verb::replace ? redis_replace
                        : ask.verb == verb::take    ? redis_take
                                                    : redis_erase;
    auto const call = std::string_view{whole_script ? "EVAL" : "EVALSHA"};
    auto const name = whole_script ? std::string{redis_judge} + std::string{redis_text[script]} : digest_[script];
    auto const at = seconds(ask.now);
    auto const now = std::to_string(at);
    auto const expected = redis_pack(ask.version);
    std::string_view const given{expected.data(), expected.size()};

    switch (ask.verb) {
    case verb::insert:
    case verb::replace: {
        auto const expires = seconds(ask.record.expires);
        std::string value;
        value.reserve(redis_head + ask.record.bytes.size());
        value.push_back(static_cast<char>(redis_format));
        for (auto word : {redis_pack(version), redis_pack(static_cast<std::uint64_t>(expires)), run_word_,
                          redis_pack(static_cast<std::uint64_t>(at))}) {
            value.append(word.data(), word.size());
        }
        value += as_text(ask.record.bytes);
        auto const keep = std::to_string(expires - at + params_.slack.count());
        if (ask.verb == verb::insert) return redis_command(out, {call, name, "1", key, now, value, keep});
        return redis_command(out, {call, name, "1", key, now, value, keep, given});
    }
    case verb::take: {
        std::string_view const this_run{run_word_.data(), run_word_.size()};
        return redis_command(
            out, {call, name, "1", key, now, this_run, std::to_string(not_before_), std::to_string(ask.into.size())});
    }
    default: return redis_command(out, {call, name, "1", key, now, ask.version == 0 ? std::string_view{} : given});
    }
}

SIGNET_DECL reply redis_protocol::fill(request const& ask, std::string_view value) {
    auto const format = value.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(value[0]);
    if (format > redis_format && format < redis_formats_end) return reply::failure(errc::record_newer);
    if (value.size() < redis_head || format != redis_format) return reply::failure(errc::record_malformed);
    auto const expires = static_cast<std::int64_t>(redis_unpack(value.data() + 9));
    if (expires <= seconds(ask.now)) return reply::not_applied();
    auto const octets = value.substr(redis_head);
    if (octets.size() > ask.into.size()) return reply::failure(errc::buffer_too_small, octets.size());
    if (!octets.empty()) std::memcpy(ask.into.data(), octets.data(), octets.size());
    return reply::success(
        {ask.into.first(octets.size()), unix_time{std::chrono::seconds{expires}}, redis_unpack(value.data() + 1)});
}

// The server said no, so nothing ran: our scripts write last, in one command.
SIGNET_DECL reply redis_protocol::refused(std::string_view what) {
    words_ = what;
    // Some versions put the script's own words before the reason.
    if (what.find("OOM ") != what.npos) return reply::failure(errc::store_full);
    if (what.find("WRONGTYPE") != what.npos) return reply::failure(errc::record_malformed);
    if (what.find("READONLY ") != what.npos) was_replica_ = true; // it became one under us
    return reply::failure(errc::store_unavailable);
}

SIGNET_DECL reply redis_protocol::understand(request const& ask, std::uint64_t version, redisReply const& answer) {
    auto const writes = ask.verb == verb::insert || ask.verb == verb::replace;
    auto const reads = ask.verb == verb::find || ask.verb == verb::take;
    switch (answer.type) { // of the kinds that this verb can have
    case REDIS_REPLY_ERROR: return refused(redis_string(&answer));
    case REDIS_REPLY_NIL:
        if (reads) return reply::not_applied();
        break;
    case REDIS_REPLY_STRING:
        if (reads) return fill(ask, redis_string(&answer));
        break;
    case REDIS_REPLY_ARRAY: {
        if (ask.verb != verb::take || answer.elements != 1 || answer.element[0]->type != REDIS_REPLY_INTEGER) break;
        auto const needed = answer.element[0]->integer;
        if (needed < 0 || static_cast<unsigned long long>(needed) <= ask.into.size()) break;
        return reply::failure(errc::buffer_too_small, static_cast<std::size_t>(needed));
    }
    case REDIS_REPLY_INTEGER:
        if (ask.verb == verb::find) break;
        if (answer.integer == 1 && !reads) return reply::success({{}, {}, writes ? version : 0});
        if (answer.integer == 0) return reply::not_applied();
        if (answer.integer == -1) return reply::failure(errc::record_malformed);
        if (answer.integer == -2 && reads) return reply::failure(errc::store_restarted);
        if (answer.integer == -3) return reply::failure(errc::record_newer);
        break;
    default: break;
    }
    words_ = "the server gave an answer that makes no sense";
    made_no_sense_ = true;
    return lost(ask);
}

// ---- scans

SIGNET_DECL bool redis_place::read(scan_position const& position, std::uint8_t kind) {
    *this = {};
    if (position.is_start()) return true;
    std::array<std::uint8_t, 8> from_run{};
    auto const good = read_place(position, kind, [&](record_reader& from) {
        if (kind == cluster_scan_kind) node = from.text();
        has_begun = from.flag();
        from.fixed(from_run);
        cursor = from.number();
        for (auto left = from.number(max_scan_position / sizeof(record_key)); left != 0 && !from.failed(); --left)
            from.fixed(named.emplace_back());
    });
    std::copy(from_run.begin(), from_run.end(), run.begin());
    return good;
}

SIGNET_DECL result<scan_position> redis_place::write(std::uint8_t kind) const {
    return write_place(kind, [&](record_writer& to) {
        if (kind == cluster_scan_kind) to.text(node);
        to.flag(has_begun);
        to.fixed(as_bytes({run.data(), run.size()}));
        to.number(cursor);
        to.number(named.size());
        for (auto const& key : named) to.fixed(key);
    });
}

// Names that are the prefix and 32 octets, whatever these are.
SIGNET_DECL bool redis_protocol::write_scan(std::string& out, redis_place const& from) const {
    std::string pattern;
    for (char const c : params_.prefix) {
        if (std::string_view{"*?[]\\"}.find(c) != std::string_view::npos) pattern += '\\';
        pattern += c;
    }
    pattern.append(sizeof(record_key), '?');
    return redis_command(
        out, {"SCAN", std::to_string(from.cursor), "MATCH", pattern, "COUNT", std::to_string(redis_scan_step)});
}

SIGNET_DECL bool redis_protocol::write_scanned(std::string& out, record_key const& key) const {
    return redis_command(out, {"GET", redis_key(params_.prefix, key)});
}

SIGNET_DECL bool redis_protocol::read_scan(redisReply const& answer, redis_place& to) {
    if (answer.type == REDIS_REPLY_ERROR) return fail(redis_string(&answer));
    auto const cursor =
        answer.type == REDIS_REPLY_ARRAY && answer.elements == 2 ? redis_string(answer.element[0]) : std::string_view{};
    auto const* end = cursor.data() + cursor.size();
    auto const [rest, wrong] = std::from_chars(cursor.data(), end, to.cursor);
    if (cursor.empty() || wrong != std::errc{} || rest != end || answer.element[1]->type != REDIS_REPLY_ARRAY)
        return fail("the server gave an answer that makes no sense");
    to.has_begun = true;
    to.run = run_word_;
    for (std::size_t i = 0; i != answer.element[1]->elements; ++i) {
        auto const name = redis_string(answer.element[1]->element[i]);
        if (name.size() != params_.prefix.size() + sizeof(record_key) || !name.starts_with(params_.prefix)) continue;
        std::memcpy(to.named.emplace_back().data(), name.data() + params_.prefix.size(), sizeof(record_key));
    }
    return true;
}

SIGNET_DECL bool redis_protocol::read_scanned(redisReply const& answer, record_key const& key, std::int64_t now,
                                              scan_page& page) {
    if (answer.type == REDIS_REPLY_NIL) return true; // it is gone
    auto const value = redis_string(&answer);
    if (answer.type != REDIS_REPLY_STRING || value.size() < redis_head || value.size() > redis_head + max_record ||
        static_cast<std::uint8_t>(value[0]) != redis_format)
        return page.add_unreadable(), true;
    auto const expires = static_cast<std::int64_t>(redis_unpack(value.data() + 9));
    return add_scanned(page, key, redis_unpack(value.data() + 1), expires, as_bytes(value.substr(redis_head)), now);
}

}}}} // namespace signet::store::detail
