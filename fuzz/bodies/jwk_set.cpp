// Key sets against a plain model: a vector that is searched from end to end. The first octet says which half is tried:
// a list filled by a program of adds, or a JWK set's text.
#include "require.hpp"

#include <signet/jose.hpp>

#include <algorithm>
#include <vector>

using namespace signet;
using namespace signet::jose;

namespace {

struct model_entry {
    std::optional<std::string> kid;
    std::size_t key;
    algorithm_set algorithms;
};

/// What the look-up rules of any_key_set::find say, word by word. The answer is the indexes or the reason.
result<std::vector<std::uint32_t>> model_find(std::vector<model_entry> const& entries, algorithm_set accepted,
                                              std::optional<std::string_view> kid, alg a) {
    if (!accepted.contains(a)) return errc::algorithm_not_allowed;
    std::vector<std::uint32_t> named, unnamed, all;
    bool known = false;
    for (std::uint32_t i = 0; i != entries.size(); ++i) {
        auto const& e = entries[i];
        if (kid && e.kid == *kid) known = true;
        if (!e.algorithms.contains(a)) continue;
        all.push_back(i);
        if (!e.kid) unnamed.push_back(i);
        if (kid && e.kid == *kid) named.push_back(i);
    }
    if (!kid) {
        if (all.empty()) return errc::unknown_key;
        if (all.size() > 4) return errc::kid_required;
        return all;
    }
    if (!named.empty()) return named;
    if (known) return errc::algorithm_mismatch;
    if (unnamed.empty() || unnamed.size() > 4) return errc::unknown_key;
    return unnamed;
}

void compare(any_key_set const& list, std::vector<model_entry> const& entries) {
    require(list.size() == entries.size());
    std::vector<std::optional<std::string>> kids{std::nullopt, "", "not there"};
    for (auto const& e : entries) kids.push_back(e.kid);
    for (auto const& kid : kids)
        for (std::size_t i = 0; i != alg_count; ++i) {
            auto const a = static_cast<alg>(i);
            auto const found = list.find(kid, a);
            auto wanted = model_find(entries, list.accepted(), kid, a);
            require(found.has_value() == wanted.has_value());
            if (!found) {
                require(found.error().code == wanted.error().code);
                continue;
            }
            // A key that was widened later stands behind those that had the algorithm before it.
            std::vector<std::uint32_t> seen(found->begin(), found->end());
            std::ranges::sort(seen);
            std::ranges::sort(*wanted);
            require(seen == *wanted);
        }
}

std::vector<public_key> const& pool() {
    // Fixed keys: a run is repeatable. Two of RSA, since only those serve more than one algorithm.
    static auto const keys = [] {
        std::vector<public_key> made;
        for (std::uint8_t i = 1; i != 7; ++i)
            made.push_back(private_key::from_ec(curve::p256, bytes(32, i))->public_part());
        made.push_back(private_key::from_ed25519(bytes(32, 1))->public_part());
        for (auto low : {std::uint8_t{0x01}, std::uint8_t{0x03}}) {
            bytes n(256, 0xc5);
            n.back() = low;
            made.push_back(*public_key::from_rsa(n, bytes{1, 0, 1}));
        }
        return made;
    }();
    return keys;
}

void run_program(std::uint8_t const* data, std::size_t size) {
    constexpr auto accepted = algorithm_set::of<es256, ed25519, rs256, rs512, ps256>();
    constexpr alg for_rsa[] = {alg::rs256, alg::rs512, alg::ps256};
    any_key_set list{accepted};
    std::vector<model_entry> entries;
    std::vector<std::size_t> nameless[alg_count]; // in the order in which they came to the algorithm
    for (std::size_t i = 0; i + 2 < size && i < 120; i += 3) {
        std::optional<std::string> kid;
        if (data[i] % 8 != 0) kid = std::string(data[i] % 8 - 1, 'k') + (data[i] & 0x80 ? "x" : "");
        auto const which = data[i + 1] % pool().size();
        auto const& key = pool()[which];
        algorithm_set algorithms;
        if (key.type() != key_type::rsa) algorithms.insert(key.type() == key_type::ec ? alg::es256 : alg::ed25519);
        else
            for (std::size_t bit = 0; bit != 3; ++bit)
                if (data[i + 2] >> bit & 1) algorithms.insert(for_rsa[bit]);

        auto const added = list.add(kid, key, algorithms);
        if (algorithms.empty()) {
            require(!added && added.error() == errc::algorithm_not_allowed);
            continue;
        }
        // The model: is the name taken for one of these algorithms by another key? Is this key there under that name?
        bool taken = false;
        model_entry* same = nullptr;
        for (auto& e : entries) {
            if (!kid || e.kid != kid) continue;
            if (e.key == which) same = &e;
            else taken = taken || (e.algorithms.bits() & algorithms.bits()) != 0;
        }
        // A key without a name is recognised among the first four of its algorithms.
        for (std::size_t a = 0; !kid && !same && a != alg_count; ++a)
            for (std::size_t n = 0;
                 algorithms.contains(static_cast<alg>(a)) && !same && n < 4 && n < nameless[a].size(); ++n)
                if (entries[nameless[a][n]].key == which) same = &entries[nameless[a][n]];
        require(added.has_value() == !taken);
        if (taken) {
            require(added.error() == errc::duplicate_key);
            continue;
        }
        if (!same) same = &entries.emplace_back(model_entry{kid, which, {}});
        for (std::size_t a = 0; a != alg_count; ++a) {
            if (!algorithms.contains(static_cast<alg>(a)) || same->algorithms.contains(static_cast<alg>(a))) continue;
            same->algorithms.insert(static_cast<alg>(a));
            if (!kid) nameless[a].push_back(static_cast<std::size_t>(same - entries.data()));
        }
    }
    compare(list, entries);
    auto copy = list;
    compare(copy, entries);
    for (auto const& entry : list.entries()) require(list.holds(entry));
}

void read_text(std::string_view text) {
    for (auto accepted : {algorithm_set::of<es256, ed25519, rs256, ps256>(), algorithm_set::of<hs256>()}) {
        auto const list = parse_key_list(text, accepted);
        if (!list) continue;
        require(!list->empty());
        std::vector<model_entry> entries;
        for (auto const& entry : list->entries()) {
            require(!entry.algorithms().empty() && (entry.algorithms().bits() & ~accepted.bits()) == 0);
            require((entry.as_public_key() != nullptr) != (entry.as_mac_key() != nullptr));
            for (std::size_t a = 0; a != alg_count; ++a) {
                if (!entry.algorithms().contains(static_cast<alg>(a))) continue;
                if (entry.as_public_key()) require(entry.as_public_key()->supports(static_cast<alg>(a)));
                else require(entry.as_mac_key()->algorithm_id() == static_cast<alg>(a));
            }
            entries.push_back({entry.kid(), entries.size(), entry.algorithms()});
        }
        compare(*list, entries);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    if (size == 0) return 0;
    if (data[0] < 0x20) run_program(data + 1, size - 1);
    else read_text({reinterpret_cast<char const*>(data), size});
    return 0;
}
