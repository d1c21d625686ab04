// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/store/impl/postgres_protocol.hpp>
#include <signet/store/postgres.hpp>
#include <signet/store/scan.hpp>

#include <algorithm>
#include <chrono>
#include <mutex>

#include <cerrno>
#include <poll.h>

namespace signet { inline namespace SIGNET_ABI { namespace store {

struct postgres::body {
    detail::postgres_protocol link;
    mutable std::mutex lock{};

    // Whether the socket is ready for what the work waits for, before the deadline.
    bool is_ready_in_time() const {
        for (;;) {
            auto const left = link.deadline - std::chrono::steady_clock::now();
            auto const ms = std::chrono::ceil<std::chrono::milliseconds>(left).count();
            if (ms <= 0) return false;
            pollfd socket{link.socket(), link.waits_for, 0};
            auto const n = ::poll(&socket, 1, static_cast<int>(std::min<std::int64_t>(ms, 60'000)));
            if (n > 0) return true;
            if (n < 0 && errno != EINTR) return false;
        }
    }
    template <class T> T finish(detail::postgres_work<T> work) {
        for (work.start(); !work.is_done();) link.resume(is_ready_in_time());
        return work.get();
    }
    void execute(std::span<request const> asks, std::span<reply> replies) {
        if (finish(link.execute(asks, replies))) (void)finish(link.remove(detail::seconds(asks[0].now), 64));
    }
};

SIGNET_DECL postgres::postgres(postgres_params params)
    : body_{new body{detail::postgres_protocol{std::move(params)}}} {}
SIGNET_DECL postgres::postgres(postgres&&) noexcept = default;
SIGNET_DECL postgres& postgres::operator=(postgres&&) noexcept = default;
SIGNET_DECL postgres::~postgres() = default;

SIGNET_DECL result<void> postgres::migrate(unix_time now) {
    std::lock_guard hold{body_->lock};
    if (!body_->finish(body_->link.migrate(detail::seconds(now)))) return body_->link.why;
    return {};
}

SIGNET_DECL result<void> postgres::connect(unix_time now) {
    std::lock_guard hold{body_->lock};
    if (!body_->finish(body_->link.ready(detail::seconds(now), true))) return body_->link.why;
    return {};
}

SIGNET_DECL reply postgres::execute(request const& ask) {
    std::lock_guard hold{body_->lock};
    reply answer;
    body_->execute({&ask, 1}, {&answer, 1});
    return answer;
}

SIGNET_DECL void postgres::execute_many(std::span<request const> asks, std::span<reply> replies) {
    std::lock_guard hold{body_->lock};
    body_->execute(asks, replies);
}

SIGNET_DECL result<std::size_t> postgres::remove_expired(unix_time now, std::size_t max_count) {
    std::lock_guard hold{body_->lock};
    auto const at = detail::seconds(now);
    if (!body_->finish(body_->link.ready(at))) return body_->link.why;
    auto const count = body_->finish(body_->link.remove(at, max_count));
    if (count < 0) return errc::store_unavailable;
    return static_cast<std::size_t>(count);
}

SIGNET_DECL result<void> postgres::scan(scan_position& position, unix_time now, scan_page& page) {
    page.clear();
    std::lock_guard hold{body_->lock};
    auto const at = detail::seconds(now);
    if (!body_->finish(body_->link.ready(at))) return body_->link.why;
    auto const said = body_->finish(body_->link.scan(position, at, page));
    if (said.outcome == outcome::failed) return said.error;
    return {};
}

SIGNET_DECL bool postgres::accepts_lasting_writes() const {
    std::lock_guard hold{body_->lock};
    return body_->link.accepts_lasting_writes();
}

SIGNET_DECL std::string postgres::last_error() const {
    std::lock_guard hold{body_->lock};
    return body_->link.words;
}

}}} // namespace signet::store
