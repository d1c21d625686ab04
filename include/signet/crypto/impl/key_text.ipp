// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/crypto/impl/pem.hpp>
#include <signet/crypto/key.hpp>
#include <signet/crypto/key_text.hpp>

#include <algorithm>

namespace signet { inline namespace SIGNET_ABI { namespace crypto {

namespace detail {

struct text_form {
    std::string_view mark, said;
};

/// What PEM blocks are, by their labels.
inline constexpr text_form pem_forms[]{
    {"PUBLIC KEY", "a public key: public_key::from_pem"},
    {"RSA PUBLIC KEY", "an RSA public key (PKCS#1): public_key::from_pem"},
    {"CERTIFICATE", "a certificate, which has a public key alone: public_key::from_pem"},
    {"PRIVATE KEY", "a private key (PKCS#8): private_key::from_pem"},
    {"RSA PRIVATE KEY", "an RSA private key (PKCS#1): private_key::from_pem"},
    {"EC PRIVATE KEY", "an EC private key (SEC 1): private_key::from_pem"},
    {"ENCRYPTED PRIVATE KEY",
     "an encrypted private key (PKCS#8): private_key::from_encrypted_pem with its passphrase; without one: openssl pkcs8 "
     "-in FILE -out NEW"},
    {"OPENSSH PRIVATE KEY",
     "an OpenSSH private key; RSA and ECDSA are converted in place, so in a copy: ssh-keygen -p -m PKCS8 -f COPY"},
    {"DSA PRIVATE KEY", "a DSA private key, which no algorithm of JWT can use"},
    {"EC PARAMETERS", "parameters of a curve without a key"},
    {"CERTIFICATE REQUEST", "a certificate request; its public key: openssl req -in FILE -noout -pubkey"},
    {"NEW CERTIFICATE REQUEST", "a certificate request; its public key: openssl req -in FILE -noout -pubkey"},
    {"TRUSTED CERTIFICATE", "a certificate with OpenSSL's trust settings: openssl x509 -in FILE -out NEW"},
    {"PKCS7", "a PKCS#7 bundle of certificates: openssl pkcs7 -in FILE -print_certs"},
    {"PGP PRIVATE KEY BLOCK", "an OpenPGP private key, which cannot be used"},
    {"PGP PUBLIC KEY BLOCK", "an OpenPGP public key, which cannot be used"},
};

/// How other texts begin.
inline constexpr text_form other_forms[]{
    {"\xff\xfe", "a text in UTF-16: save it as UTF-8"},
    {"\xfe\xff", "a text in UTF-16: save it as UTF-8"},
    {"\xfe\xed\xfe\xed", "a Java key store: keytool -importkeystore -srckeystore FILE -destkeystore NEW.p12"},
    {"ssh-", "an OpenSSH public key; for RSA and ECDSA: ssh-keygen -e -m PKCS8 -f FILE"},
    {"ecdsa-sha2-", "an OpenSSH public key: ssh-keygen -e -m PKCS8 -f FILE"},
    {"sk-ssh-", "the OpenSSH public key of a security key, which cannot be used"},
    {"sk-ecdsa-", "the OpenSSH public key of a security key, which cannot be used"},
    {"---- BEGIN SSH2 PUBLIC KEY", "an SSH2 public key: ssh-keygen -i -f FILE, then ssh-keygen -e -m PKCS8"},
    {"PuTTY-User-Key-File", "a PuTTY private key: puttygen FILE -O private-openssh -o NEW"},
    {"{", "JSON: jose::parse_private_jwk for a JWK, jose::parse_key_set for a JWK set"},
};

inline std::string describe_block(signet::detail::pem_block const& block) {
    if (signet::detail::is_encrypted_of_old(block))
        return "a private key in OpenSSL's old encryption: openssl pkcs8 -topk8 -in FILE -out NEW";
    if (block.body.find('\\') != block.body.npos)
        return "PEM whose lines end in a written \\n, as in environment variables: replace it by line breaks";
    for (auto const& form : pem_forms)
        if (block.label == form.mark) return std::string{form.said};
    std::string label;
    for (auto const c : block.label) label += (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ' ' ? c : '?';
    return "a PEM block of the label \"" + label + "\", which is no key that can be used";
}

/// Whether a text begins as DER does in base64: a sequence of any length.
inline bool is_bare_base64(std::string_view start) noexcept {
    if (start.size() < 32 || start[0] != 'M' || start[1] < 'A' || start[1] > 'P') return false;
    for (auto const c : start.substr(0, 32))
        if (!(c >= 'A' && c <= 'Z') && !(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '+' && c != '/')
            return false;
    return true;
}

/// DER begins with a sequence; that of PKCS#12 has the version 3 in it.
inline std::string_view describe_der(std::string_view text) noexcept {
    auto const octet = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
    auto const head = octet(1) < 0x80 ? 2u : 2u + (octet(1) & 0x7fu);
    if (octet(head) == 0x02 && octet(head + 1) == 0x01 && octet(head + 2) == 0x03)
        return "a PKCS#12 key store: openssl pkcs12 -in FILE -nocerts -noenc -out NEW";
    return "DER, which is PEM without its text: from_der for PKCS#8 and SubjectPublicKeyInfo; else openssl pkey -inform DER "
           "-in FILE -out NEW";
}

} // namespace detail

SIGNET_DECL std::string describe_key_text(std::string_view text) {
    if (text.size() > max_pem_octets)
        return "a text of more than " + std::to_string(max_pem_octets) + " octets, which is more than is read";
    signet::detail::pem_reader reader{text};
    signet::detail::pem_block block, first;
    bool some = false, several = false;
    while (reader.next(block)) {
        several = several || (some && signet::detail::is_second_key(first.label, block.label));
        if (!some || first.label == "EC PARAMETERS") first = block;
        some = true;
    }
    if (several) return "several keys in one text: leave the one that is meant";
    if (some && !reader.broken()) return detail::describe_block(first);
    if (reader.broken()) return "a PEM block without its end: the text is cut off, or its last line is another one's";
    auto start = text.substr(0, 64);
    if (start.starts_with("\xef\xbb\xbf")) start.remove_prefix(3);
    start.remove_prefix(std::min(start.find_first_not_of(" \t\r\n"), start.size()));
    for (auto const& form : detail::other_forms)
        if (start.starts_with(form.mark)) return std::string{form.said};
    if (text.starts_with('\x30')) return std::string{detail::describe_der(text)};
    if (start.empty()) return "an empty text";
    if (text.find("-----BEGIN ") != text.npos) return "PEM whose first line does not begin a line of the text";
    if (detail::is_bare_base64(start))
        return "base64 without the lines of PEM: put -----BEGIN and -----END lines around it";
    return "no key in a form that is known";
}

}}} // namespace signet::crypto
