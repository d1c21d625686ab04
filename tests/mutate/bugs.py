"""The named bugs: what libraries of this kind got wrong before. Each is a change of one place that a test must notice."""
from typing import NamedTuple


class Bug(NamedTuple):
    name: str
    file: str      # under include/signet
    search: str    # stands there exactly once
    replace: str
    tests: list[str]


BUGS = [
    # ---- codec
    Bug("base64url: unused bits may be anything", "codec/impl/base64url.ipp",
        "if ((group & (rest == 2 ? 0xffffu : 0xffu)) != 0) return", "if (false) return", ["codec"]),
    Bug("base64url: one character left over is let through", "codec/impl/base64url.ipp",
        "if (text.size() % 4 == 1) return error{errc::base64_length, text.size()};", "", ["codec"]),
    Bug("base64url: the other alphabet's + is accepted", "codec/impl/base64url.ipp",
        "table.fill(no_sextet);", "table.fill(no_sextet);\n    table['+'] = 62;", ["codec"]),
    Bug("base64url: the buffer's size is not looked at", "codec/impl/base64url.ipp",
        "if (out.size() < base64url_decoded_size(text.size())) return errc::buffer_too_small;", "", ["codec"]),
    Bug("JSON: a name may come twice", "codec/impl/json_reader.ipp",
        "(parent.seen & bit) != 0 && named_before(parent, name)", "false", ["codec"]),
    Bug("JSON: trailing bytes are ignored", "codec/impl/json_reader.ipp",
        "if (read != text.size()) return error{errc::json_syntax, read};", "", ["codec"]),
    Bug("JSON: the depth is not limited", "codec/impl/json_reader.ipp",
        "options.max_depth = std::min(limits.max_depth, detail::deepest);", "options.max_depth = detail::deepest;", ["codec"]),
    Bug("JSON: members are not counted", "codec/impl/json_reader.ipp",
        "if (++parent.members > max_members_)", "if (false)", ["codec"]),
    Bug("JSON: the size is not limited", "codec/impl/json_reader.ipp",
        "text.size() > limits.max_size || ", "", ["codec"]),
    # ---- core
    Bug("constant-time compare: lengths may differ", "core/bytes.hpp",
        "if (a.size() != b.size()) return false;", "if (a.size() > b.size()) return false;", ["core"]),
    Bug("wipe does nothing", "core/bytes.hpp",
        "at[i] = 0;", "at[i] = at[i];", ["core"]),
    # ---- crypto
    Bug("RSA: a short modulus", "crypto/impl/key_checks.hpp",
        "bits < limits.min_rsa_bits || ", "", ["crypto"]),
    Bug("RSA: e of 1", "crypto/impl/key_checks.hpp",
        "if (e.size() == 1 && e[0] < 3) return errc::weak_key;", "", ["crypto"]),
    Bug("RSA: an even e", "crypto/impl/key_checks.hpp",
        " || (e.back() & 1) == 0) return errc::weak_key;", ") return errc::weak_key;", ["crypto"]),
    Bug("RSA: the ROCA fingerprint is not looked for", "crypto/impl/key_checks.hpp",
        "if (is_roca(n)) return errc::weak_key;", "", ["crypto"]),
    Bug("RSA: a private exponent of another key", "crypto/impl/key_checks.hpp",
        "if ((e * d) % p1 != one || (e * d) % q1 != one) return errc::key_mismatch;", "", ["crypto"]),
    Bug("RSA: a signature with a leading zero octet", "crypto/impl/signature.ipp",
        "if (signature.size() != b.key.signature_size()) return false;", "if (signature.size() < b.key.signature_size()) return false;",
        ["crypto"]),
    Bug("EC: the private key 0", "crypto/impl/key.ipp",
        "if (scalar.is_zero()) return errc::bad_key;", "", ["crypto"]),
    Bug("EC: a private key beyond the order", "crypto/impl/key.ipp",
        "if (scalar >= key->domain().get_order()) return errc::bad_key;", "", ["crypto"]),
    Bug("EC: private and public part of two keys", "crypto/impl/key.ipp",
        "if (!(x.empty() && y.empty()) && !(std::ranges::equal(pub->x(), x) && std::ranges::equal(pub->y(), y))) return errc::key_mismatch;",
        "", ["crypto"]),
    Bug("Ed25519: S + L verifies", "crypto/impl/signature.ipp",
        "if (!detail::ed25519_s_is_canonical(signature)) return false;", "", ["crypto"]),
    Bug("Ed25519: points of small order", "crypto/impl/key_checks.hpp",
        "return y == zero || y == one || y == minus_one || y == order_eight || y == order_eight_too;", "return false;", ["crypto"]),
    Bug("Ed25519: a public key that is no point", "crypto/impl/key_checks.hpp",
        "return euler == one || euler.is_zero();", "return true;", ["crypto"]),
    Bug("HMAC: only as many octets as the tag has are compared", "crypto/impl/mac.ipp",
        "return constant_time_equal(own, tag);", "return constant_time_equal(own.first(std::min(own.size(), tag.size())), tag);", ["crypto"]),
    Bug("HMAC: an empty key", "crypto/impl/mac.ipp",
        "key.empty() || ", "", ["crypto"]),
    Bug("an algorithm is signed with a key of another", "crypto/impl/signature.ipp",
        "if (!key.public_part().supports(a)) return errc::wrong_key_type;", "", ["crypto"]),
    Bug("an algorithm is verified with a key of another", "crypto/impl/signature.ipp",
        "if (!key.supports(a)) return errc::wrong_key_type;", "", ["crypto"]),
]
