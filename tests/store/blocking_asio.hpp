// Stores of an event loop behind the interface of those that block, so that the same tests run on both.
#pragma once

#include <signet/store/async_run.hpp>
#include <signet/store/scan.hpp>

#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

/// A loop that runs on threads of its own.
class event_loop {
public:
    explicit event_loop(std::size_t threads) {
        for (std::size_t i = 0; i != threads; ++i) threads_.emplace_back([this] { loop_.run(); });
    }
    boost::asio::any_io_executor executor() { return loop_.get_executor(); }

private:
    boost::asio::io_context loop_;
    std::vector<std::jthread> threads_; // they end when nothing is left to do
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{loop_.get_executor()};
};

template <class Store, class Params> class blocking_asio {
public:
    explicit blocking_asio(Params params) : db_{std::make_unique<Store>(loop_->executor(), std::move(params))} {}

    signet::result<void> connect(signet::unix_time now) {
        return db_->async_connect(now, boost::asio::use_future).get();
    }
    signet::store::reply execute(signet::store::request const& ask) {
        return db_->async_execute(ask, boost::asio::use_future).get();
    }
    void execute_many(std::span<signet::store::request const> asks, std::span<signet::store::reply> replies) {
        db_->async_execute_many(asks, replies, boost::asio::use_future).get();
    }
    signet::result<std::size_t> remove_expired(signet::unix_time now, std::size_t max_count = 1000) {
        return db_->async_remove_expired(now, max_count, boost::asio::use_future).get();
    }
    signet::result<void> scan(signet::store::scan_position& position, signet::unix_time now,
                              signet::store::scan_page& page)
        requires requires(Store& db) { db.async_scan(position, now, page, boost::asio::use_future); }
    {
        return db_->async_scan(position, now, page, boost::asio::use_future).get();
    }
    bool accepts_lasting_writes() const { return db_->accepts_lasting_writes(); }
    std::string last_error() const { return db_->last_error(); }

private:
    std::unique_ptr<event_loop> loop_ = std::make_unique<event_loop>(2);
    std::unique_ptr<Store> db_;
};
