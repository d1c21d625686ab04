#include "pages.hpp"

#include <fstream>
#include <sstream>
#include <stdexcept>

namespace web {

std::string escape(std::string_view text) {
    std::string out;
    for (char c : text) {
        switch (c) {
        case '&': out += "&amp;"; break;
        case '<': out += "&lt;"; break;
        case '>': out += "&gt;"; break;
        case '"': out += "&quot;"; break;
        case '\'': out += "&#39;"; break;
        default: out += c;
        }
    }
    return out;
}

namespace {

std::string fill(std::string_view text, values const& v) {
    std::string out;
    for (;;) {
        auto const open = text.find("{{"), close = text.find("}}", open == text.npos ? 0 : open);
        if (open == text.npos || close == text.npos) return out += text;
        out += text.substr(0, open);
        auto const name = text.substr(open + 2, close - open - 2);
        for (auto const& one : v)
            if (one.name == name) out += one.markup ? one.text : escape(one.text);
        text.remove_prefix(close + 2);
    }
}

} // namespace

pages::pages(std::filesystem::path const& folder) {
    for (auto const& entry : std::filesystem::directory_iterator{folder}) {
        std::ifstream in{entry.path(), std::ios::binary};
        std::stringstream text;
        text << in.rdbuf();
        files_[entry.path().filename().string()] = text.str();
    }
    if (!files_.contains("layout.html")) throw std::runtime_error{"no pages in " + folder.string()};
}

std::string pages::make_part(std::string_view name, values const& v) const {
    auto const file = files_.find(std::string{name} + ".html");
    return file == files_.end() ? std::string{} : fill(file->second, v);
}

std::string pages::make(std::string_view name, values const& v) const {
    values all = v;
    all.push_back({"body", make_part(name, v), true});
    return fill(files_.find("layout.html")->second, all);
}

std::optional<std::string_view> pages::file(std::string_view name) const {
    auto const found = files_.find(name);
    if (found == files_.end() || name.ends_with(".html")) return std::nullopt;
    return found->second;
}

} // namespace web
