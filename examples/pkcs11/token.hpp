// Device keys that stay in a PKCS#11 token (smart card, HSM, TPM): signet sees their public parts and their signatures.
#pragma once

#include <signet/crypto/key.hpp>
#include <signet/crypto/signing_key.hpp>

#include <p11-kit/pkcs11.h>

#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>

namespace pkcs11 {

/// A loaded module: the shared library that comes with the hardware. Load each once in a program.
class module {
public:
    /// Errors: `signer_failed` (no such library, none of PKCS#11, or its hardware is not there).
    [[nodiscard]] static signet::result<std::shared_ptr<module const>> load(std::string const& path);
    module(module const&) = delete;
    module& operator=(module const&) = delete;
    ~module();

    [[nodiscard]] CK_FUNCTION_LIST const& functions() const noexcept { return *functions_; }

private:
    module(void* library, CK_FUNCTION_LIST const* functions) noexcept :library_{library}, functions_{functions} {}
    void* library_;
    CK_FUNCTION_LIST const* functions_;
};

/// One key of a token.
struct key_handles {
    CK_OBJECT_HANDLE private_part; ///< a number; what it stands for never comes here
    signet::public_key public_part;
};

/// A login on a token. Any number of threads may share one; it does one thing at a time.
class token {
public:
    /// Logs in to the token with that label.
    /// Errors: `unknown_key` (no such token), `bad_passphrase`, `signer_failed`.
    [[nodiscard]] static signet::result<std::shared_ptr<token>> open(std::shared_ptr<module const> from,
                                                                     std::string_view label, signet::secret const& pin);
    token(token const&) = delete;
    token& operator=(token const&) = delete;
    ~token(); ///< ends the session; the last one of a program logs out

    /// Makes a key pair in the token, for ES256 or PS256 (2048 bits). Its private part can be used there and nowhere
    /// else. Errors: `duplicate_key` (there is one of that label), `unsupported_algorithm`, `signer_failed`.
    [[nodiscard]] signet::result<key_handles> generate(signet::alg a, std::string_view label);
    /// The key of that label. Errors: `unknown_key`; `duplicate_key`; `key_use_refused` for one that was brought from
    /// elsewhere or could ever leave: it would prove nothing about this device.
    [[nodiscard]] signet::result<key_handles> find(signet::alg a, std::string_view label);
    /// Signs in the token. Errors: `signer_failed`.
    [[nodiscard]] signet::result<std::size_t> sign(CK_OBJECT_HANDLE key, signet::alg a, signet::bytes_view message,
                                                   std::span<std::uint8_t> out);
    /// Reads an attribute of an object. Errors: `signer_failed`, as for the private value of a key that stays.
    [[nodiscard]] signet::result<signet::bytes> attribute(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type);

    /// From here on no key signs.
    void log_out();

    /// What the module returned last, for a log.
    [[nodiscard]] CK_RV last_answer() const;
    [[nodiscard]] CK_SESSION_HANDLE session() const noexcept { return session_; }
    [[nodiscard]] CK_FUNCTION_LIST const& functions() const noexcept { return module_->functions(); }

private:
    token(std::shared_ptr<module const> from, CK_SESSION_HANDLE session) noexcept
        : module_{std::move(from)}, session_{session} {}
    bool good(CK_RV answer) noexcept { return (last_ = answer) == CKR_OK; }
    signet::result<signet::bytes> read(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type);
    bool holds(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE flag);
    signet::result<CK_OBJECT_HANDLE> look(CK_OBJECT_CLASS what, signet::alg a, std::string_view label);
    signet::result<signet::public_key> public_key_of(CK_OBJECT_HANDLE object, signet::alg a);

    std::shared_ptr<module const> module_;
    CK_SESSION_HANDLE session_;
    mutable std::mutex lock_; // a session is for one thread at a time
    CK_RV last_ = CKR_OK;
};

/// A key of a token as signet's signers take it. It keeps the token open.
template <signet::algorithm A>
[[nodiscard]] signet::result<signet::external_key<A>> as_signing_key(std::shared_ptr<token> from,
                                                                     signet::result<key_handles> const& key) {
    if (!key) return key.error();
    auto public_part = signet::verification_key<A>::from_key(key->public_part);
    if (!public_part) return public_part.error();
    return signet::external_key<A>{
        *std::move(public_part),
        [from, handle = key->private_part](signet::bytes_view message, std::span<std::uint8_t> out) {
            return from->sign(handle, A::id, message, out);
        }};
}

} // namespace pkcs11
