// One value of a query or posted form.
#pragma once

#include <signet/http/form.hpp>

#include <string>
#include <string_view>

namespace web {

/// The value of that name in a query or posted form; empty where there is none, and where the form is malformed.
inline std::string form_value(std::string_view body, std::string_view name) {
    auto const form = signet::http::form::parse(body);
    return form ? std::string{(*form)[name]} : std::string{};
}

} // namespace web
