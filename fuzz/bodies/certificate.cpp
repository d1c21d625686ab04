// Certificates: what is read can be asked everything, is the octets that were read, and leads nowhere but to an anchor.
#include "require.hpp"

#include <signet/crypto.hpp>

using namespace signet;
using namespace std::chrono_literals;

namespace {

bool lies_within(bytes_view part, bytes_view whole) {
    return part.empty() || (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

void ask(certificate const& c) {
    auto const whole = c.to_der();
    require(c.version() >= 1 && c.version() <= 3);
    require(lies_within(c.subject_der(), whole) && lies_within(c.issuer_der(), whole));
    require(!c.subject_der().empty() && c.subject_der()[0] == 0x30);
    for (auto const* oid : {"2.5.29.15", "2.5.29.17", "2.5.29.19", "2.5.29.37", "1.3.6.1.4.1.45724.1.1.4",
                            "1.2.840.113635.100.8.2", "1.3.6.1.4.1.11129.2.1.17"})
        if (auto const extension = c.extension(oid)) {
            require(lies_within(extension->value, whole));
            require(c.version() == 3);
        }
    require(!c.extension("2.5.29"));
    if (c.is_ca()) require(c.extension("2.5.29.19").has_value());
    using enum name_attribute;
    for (auto const attribute : {common_name, country, organization, organizational_unit})
        if (auto const text = c.subject(attribute)) require(lies_within(as_bytes(*text), whole));
    require(c.valid_at(c.not_before()) == (c.not_before() <= c.not_after()));
    require(!c.valid_at(c.not_before() - 1s) && !c.valid_at(c.not_after() + 1s));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    bytes_view const input{data, size};
    auto const c = certificate::parse(input);
    if (!c) return 0;
    require(as_text(c->to_der()) == as_text(input));
    ask(*c);
    auto const again = certificate::parse(input);
    require(again && *again == *c);
    auto const now = c->not_before();
    certificate const path[] = {*c, *again};
    require(!crypto::check_path(path, {}, now));
    require(crypto::check_path({path, 1}, path, now).has_value() == c->valid_at(now));
    // A certificate issued itself only if it says so, is an authority and made the signature.
    auto const self = c->check_signature(c->key());
    require(self || self.error() == errc::bad_signature || self.error() == errc::unsupported_algorithm);
    return 0;
}
