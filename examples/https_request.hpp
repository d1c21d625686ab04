// One HTTPS request on an event loop, by Boost.Beast: what an application's own HTTP client would be.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include <optional>
#include <string>

using https_answer = boost::beast::http::response<boost::beast::http::string_body>;

/// Gets an https URL, or posts a form to it. Redirections are not followed. Throws if there is no answer within ten
/// seconds.
boost::asio::awaitable<https_answer> https_request(boost::asio::ssl::context& trusted, std::string url,
                                                   std::optional<std::string> form = {});
