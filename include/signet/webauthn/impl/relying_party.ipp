// SPDX-License-Identifier: BSL-1.0
// A site's policy from configuration.
#pragma once

#include <signet/webauthn/relying_party.hpp>

#include <string>

namespace signet { inline namespace SIGNET_ABI { namespace webauthn {

struct owned_relying_party::contents {
    // Copies of texts, and the views of them that the policy has.
    struct list {
        explicit list(std::span<std::string_view const> from) : texts(from.begin(), from.end()) {
            views.assign(texts.begin(), texts.end());
        }
        std::vector<std::string> texts;
        std::vector<std::string_view> views;
    };

    explicit contents(relying_party_params const& p)
        : rp_id{p.rp_id},
          name{p.name},
          origins{p.origins},
          related_origins{p.related_origins},
          top_origins{p.top_origins},
          algorithms(p.algorithms.begin(), p.algorithms.end()),
          params{p} {
        params.rp_id = rp_id, params.name = name, params.algorithms = algorithms;
        params.origins = origins.views, params.related_origins = related_origins.views;
        params.top_origins = top_origins.views;
    }
    contents(contents const&) = delete;
    contents& operator=(contents const&) = delete;

    std::string rp_id, name;
    list origins, related_origins, top_origins;
    std::vector<std::int32_t> algorithms;
    relying_party_params params;
};

SIGNET_DECL result<owned_relying_party> relying_party::make(relying_party_params const& params) {
    if (!complaint(params).empty()) return errc::invalid_relying_party;
    return owned_relying_party{params};
}

SIGNET_DECL owned_relying_party::owned_relying_party(relying_party_params const& params)
    : contents_{std::make_shared<contents const>(params)} {}

SIGNET_DECL relying_party owned_relying_party::policy() const noexcept { return relying_party{contents_->params, 0}; }

}}} // namespace signet::webauthn
