// The HTML files and what is put into them.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace web {

/// What stands in a page for {{name}}. Text is escaped; markup is made here and goes in as it is.
struct value {
    std::string_view name;
    std::string text;
    bool markup = false;
};
using values = std::vector<value>;

std::string escape(std::string_view text);

/// All files of the folder, read once.
class pages {
public:
    explicit pages(std::filesystem::path const& folder);
    /// A page within the layout.
    [[nodiscard]] std::string make(std::string_view name, values const& v) const;
    /// A piece of a page, without it.
    [[nodiscard]] std::string make_part(std::string_view name, values const& v) const;
    /// A script or the style sheet, as it is.
    [[nodiscard]] std::optional<std::string_view> file(std::string_view name) const;

private:
    std::map<std::string, std::string, std::less<>> files_;
};

} // namespace web
