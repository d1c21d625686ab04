#include "token.hpp"

#include <signet/crypto/digest.hpp>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include <dlfcn.h>

namespace pkcs11 {

using namespace signet;

namespace {

// PKCS#11 takes pointers to what it only reads without const.
template <class T> CK_ATTRIBUTE attribute_of(CK_ATTRIBUTE_TYPE type, T const& value) {
    return {type, const_cast<T*>(&value), sizeof value};
}
CK_ATTRIBUTE attribute_of(CK_ATTRIBUTE_TYPE type, std::string_view value) {
    return {type, const_cast<char*>(value.data()), value.size()};
}
unsigned char* pointer(bytes_view octets) { return const_cast<unsigned char*>(octets.data()); }

constexpr std::array<std::uint8_t, 10> p256_name{0x06, 0x08, 0x2a, 0x86, 0x48,
                                                 0xce, 0x3d, 0x03, 0x01, 0x07}; // OID in DER
constexpr std::array<std::uint8_t, 3> exponent{1, 0, 1};
constexpr CK_BBOOL yes = CK_TRUE, no = CK_FALSE;

} // namespace

// ---- module

result<std::shared_ptr<module const>> module::load(std::string const& path) {
    void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!library) return errc::signer_failed;
    auto const list = reinterpret_cast<CK_C_GetFunctionList>(::dlsym(library, "C_GetFunctionList"));
    CK_FUNCTION_LIST* functions = nullptr;
    CK_C_INITIALIZE_ARGS threads{};
    threads.flags = CKF_OS_LOCKING_OK;
    if (!list || list(&functions) != CKR_OK || functions->C_Initialize(&threads) != CKR_OK) {
        ::dlclose(library);
        return errc::signer_failed;
    }
    return std::shared_ptr<module const>{new module{library, functions}};
}

module::~module() {
    functions_->C_Finalize(nullptr);
    ::dlclose(library_);
}

// ---- token

result<std::shared_ptr<token>> token::open(std::shared_ptr<module const> from, std::string_view label,
                                           secret const& pin) {
    auto const& f = from->functions();
    CK_ULONG count = 0;
    if (f.C_GetSlotList(CK_TRUE, nullptr, &count) != CKR_OK) return errc::signer_failed;
    std::vector<CK_SLOT_ID> slots(count);
    if (f.C_GetSlotList(CK_TRUE, slots.data(), &count) != CKR_OK) return errc::signer_failed;
    slots.resize(count);
    for (auto slot : slots) {
        CK_TOKEN_INFO info;
        if (f.C_GetTokenInfo(slot, &info) != CKR_OK) continue;
        std::string_view name{reinterpret_cast<char const*>(info.label), sizeof info.label}; // padded with blanks
        name = name.substr(0, name.find_last_not_of(' ') + 1);
        if (name != label) continue;

        CK_SESSION_HANDLE session = 0;
        if (f.C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, nullptr, nullptr, &session) != CKR_OK)
            return errc::signer_failed;
        std::shared_ptr<token> opened{new token{std::move(from), session}};
        auto const answer = f.C_Login(session, CKU_USER, pointer(pin.reveal()), pin.size());
        if (answer == CKR_OK || answer == CKR_USER_ALREADY_LOGGED_IN) return opened;
        return answer == CKR_PIN_INCORRECT || answer == CKR_PIN_LEN_RANGE ? errc::bad_passphrase : errc::signer_failed;
    }
    return errc::unknown_key;
}

token::~token() { functions().C_CloseSession(session_); }

void token::log_out() {
    std::lock_guard hold{lock_};
    good(functions().C_Logout(session_));
}

CK_RV token::last_answer() const {
    std::lock_guard hold{lock_};
    return last_;
}

// ---- objects; with the lock held

result<bytes> token::read(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) {
    CK_ATTRIBUTE wanted{type, nullptr, 0};
    if (!good(functions().C_GetAttributeValue(session_, object, &wanted, 1))) return errc::signer_failed;
    bytes octets(wanted.ulValueLen);
    wanted.pValue = octets.data();
    if (!good(functions().C_GetAttributeValue(session_, object, &wanted, 1))) return errc::signer_failed;
    octets.resize(wanted.ulValueLen);
    return octets;
}

bool token::holds(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE flag) {
    auto const value = read(object, flag);
    return value && *value == bytes{CK_TRUE};
}

result<CK_OBJECT_HANDLE> token::look(CK_OBJECT_CLASS what, alg a, std::string_view label) {
    CK_KEY_TYPE const type = a == alg::es256 ? CKK_EC : CKK_RSA;
    CK_ATTRIBUTE wanted[]{attribute_of(CKA_CLASS, what), attribute_of(CKA_KEY_TYPE, type),
                          attribute_of(CKA_LABEL, label)};
    CK_OBJECT_HANDLE found[2]{};
    CK_ULONG count = 0;
    if (!good(functions().C_FindObjectsInit(session_, wanted, std::size(wanted)))) return errc::signer_failed;
    bool const searched = good(functions().C_FindObjects(session_, found, 2, &count));
    bool const closed = functions().C_FindObjectsFinal(session_) == CKR_OK;
    if (!searched || !closed) return errc::signer_failed;
    if (count == 0) return errc::unknown_key;
    if (count > 1) return errc::duplicate_key;
    return found[0];
}

result<public_key> token::public_key_of(CK_OBJECT_HANDLE object, alg a) {
    if (a == alg::es256) {
        auto const point = read(object, CKA_EC_POINT); // an OCTET STRING in DER that holds 04, x, y
        if (!point) return point.error();
        if (point->size() != 67 || (*point)[0] != 0x04 || (*point)[1] != 65 || (*point)[2] != 0x04)
            return errc::bad_key;
        auto const numbers = bytes_view{*point}.subspan(3);
        return public_key::from_ec(curve::p256, numbers.first(32), numbers.last(32));
    }
    auto const n = read(object, CKA_MODULUS), e = read(object, CKA_PUBLIC_EXPONENT);
    if (!n || !e) return errc::signer_failed;
    return public_key::from_rsa(*n, *e);
}

// ---- keys

result<key_handles> token::generate(alg a, std::string_view label) {
    if (a != alg::es256 && a != alg::ps256) return errc::unsupported_algorithm;
    std::lock_guard hold{lock_};
    if (auto const there = look(CKO_PRIVATE_KEY, a, label); there || there.error() != errc::unknown_key) {
        return there ? signet::error{errc::duplicate_key} : there.error();
    }

    // [generate]
    CK_ATTRIBUTE inside[]{attribute_of(CKA_LABEL, label),    attribute_of(CKA_TOKEN, yes),
                          attribute_of(CKA_PRIVATE, yes),    attribute_of(CKA_SENSITIVE, yes),
                          attribute_of(CKA_EXTRACTABLE, no), attribute_of(CKA_SIGN, yes),
                          attribute_of(CKA_DECRYPT, no),     attribute_of(CKA_UNWRAP, no)};
    // [/generate]
    CK_ULONG const bits = 2048;
    std::vector<CK_ATTRIBUTE> outside{attribute_of(CKA_LABEL, label), attribute_of(CKA_TOKEN, yes),
                                      attribute_of(CKA_VERIFY, yes)};
    CK_MECHANISM how{};
    if (a == alg::es256) {
        how.mechanism = CKM_EC_KEY_PAIR_GEN;
        outside.push_back(attribute_of(CKA_EC_PARAMS, p256_name));
    } else {
        how.mechanism = CKM_RSA_PKCS_KEY_PAIR_GEN;
        outside.push_back(attribute_of(CKA_MODULUS_BITS, bits));
        outside.push_back(attribute_of(CKA_PUBLIC_EXPONENT, exponent));
    }
    CK_OBJECT_HANDLE public_part = 0, private_part = 0;
    if (!good(functions().C_GenerateKeyPair(session_, &how, outside.data(), outside.size(), inside, std::size(inside),
                                            &public_part, &private_part))) {
        return errc::signer_failed;
    }
    auto shown = public_key_of(public_part, a);
    if (!shown) return shown.error();
    return key_handles{private_part, *std::move(shown)};
}

result<key_handles> token::find(alg a, std::string_view label) {
    if (a != alg::es256 && a != alg::ps256) return errc::unsupported_algorithm;
    std::lock_guard hold{lock_};
    auto const private_part = look(CKO_PRIVATE_KEY, a, label);
    if (!private_part) return private_part.error();
    for (CK_ATTRIBUTE_TYPE const always : {CKA_LOCAL, CKA_NEVER_EXTRACTABLE, CKA_ALWAYS_SENSITIVE}) {
        if (!holds(*private_part, always)) return errc::key_use_refused;
    }
    auto const public_part = look(CKO_PUBLIC_KEY, a, label);
    if (!public_part) return public_part.error();
    auto shown = public_key_of(*public_part, a);
    if (!shown) return shown.error();
    return key_handles{*private_part, *std::move(shown)};
}

// [sign]
result<std::size_t> token::sign(CK_OBJECT_HANDLE key, alg a, bytes_view message, std::span<std::uint8_t> out) {
    CK_RSA_PKCS_PSS_PARAMS pss{CKM_SHA256, CKG_MGF1_SHA256, 32};
    CK_MECHANISM how{};
    crypto::sha256_digest digest;
    if (a == alg::es256) { // ECDSA signs a digest that is made outside, and gives r and s as JWS wants them
        how.mechanism = CKM_ECDSA;
        digest = crypto::sha256(message);
        message = digest;
    } else {
        how = {CKM_SHA256_RSA_PKCS_PSS, &pss, sizeof pss};
    }
    std::lock_guard hold{lock_};
    CK_ULONG size = out.size();
    if (!good(functions().C_SignInit(session_, &how, key))) return errc::signer_failed;
    if (!good(functions().C_Sign(session_, pointer(message), message.size(), out.data(), &size)))
        return errc::signer_failed;
    return std::size_t{size};
}
// [/sign]

result<bytes> token::attribute(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) {
    std::lock_guard hold{lock_};
    return read(object, type);
}

} // namespace pkcs11
