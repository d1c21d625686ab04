// A request and its answer as plain data: all that the site knows of HTTP.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace web {

struct field {
    std::string name;
    std::string value;
};

struct request {
    std::string method{}, path{}, query{}, body{}, ip{};
    std::vector<field> fields{}; // names in lower case; a field sent several times is joined, as HTTP has it

    std::string_view find(std::string_view lower_case_name) const {
        for (auto const& f : fields)
            if (f.name == lower_case_name) return f.value;
        return {};
    }
};

struct response {
    int status = 200;
    std::vector<field> fields{};
    std::string body{};

    void set(std::string_view name, std::string_view value) {
        fields.push_back({std::string{name}, std::string{value}});
    }
};

} // namespace web
