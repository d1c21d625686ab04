// A key that stays in a provider: here one of the test's own, in the place of a TPM, an HSM or a key service.
#include "support.hpp"

#include <signet/jwt.hpp>

#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/core_object.h>
#include <openssl/params.h>
#include <openssl/provider.h>

using namespace on_openssl;

namespace {

/// What happens behind the provider's door.
struct hardware {
    evp_key key = generate(alg::es256);
    evp_key other = generate(alg::es256);
    std::string pin = "1234";
    int objects = 1;                     ///< private keys under the URI
    std::atomic<int> signatures = 0;     ///< made so far
    std::atomic<bool> flips = false;     ///< a bit of each signature
    std::atomic<bool> other_key = false; ///< signs instead of the one that is shown
};
hardware* device; // of the test that runs

using any_function = void (*)(void);
template <class F> any_function entry(F* function) { return reinterpret_cast<any_function>(function); }

// ---- keys: the public part is told, the private one is not

void* key_new(void*) { return device; }
void key_free(void*) {}
int key_has(void const*, int) { return 1; }
void* key_load(void const* reference, std::size_t size) {
    return size == sizeof(void*) ? *static_cast<void* const*>(reference) : nullptr;
}
int key_get(void* key, OSSL_PARAM params[]) {
    return EVP_PKEY_get_params(static_cast<hardware*>(key)->key.get(), params);
}
OSSL_PARAM const* key_gettable(void*) {
    static OSSL_PARAM const shown[] = {OSSL_PARAM_int(OSSL_PKEY_PARAM_BITS, nullptr),
                                       OSSL_PARAM_int(OSSL_PKEY_PARAM_SECURITY_BITS, nullptr),
                                       OSSL_PARAM_int(OSSL_PKEY_PARAM_MAX_SIZE, nullptr),
                                       OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, nullptr, 0),
                                       OSSL_PARAM_BN(OSSL_PKEY_PARAM_EC_PUB_X, nullptr, 0),
                                       OSSL_PARAM_BN(OSSL_PKEY_PARAM_EC_PUB_Y, nullptr, 0),
                                       OSSL_PARAM_END};
    return shown;
}
char const* key_operation(int operation) { return operation == OSSL_OP_SIGNATURE ? "ECDSA" : nullptr; }

// ---- signatures

struct signing {
    hardware* key = nullptr;
};
void* sign_new(void*, char const*) { return new signing; }
void sign_free(void* operation) { delete static_cast<signing*>(operation); }
int sign_init(void* operation, char const* hash, void* key, OSSL_PARAM const*) {
    static_cast<signing*>(operation)->key = static_cast<hardware*>(key);
    return std::string_view{hash} == "SHA256";
}
int sign(void* operation, unsigned char* out, std::size_t* size, std::size_t room, unsigned char const* text,
         std::size_t text_size) {
    auto& by = *static_cast<signing*>(operation)->key;
    auto* const inner = EVP_MD_CTX_new();
    *size = room;
    auto const done =
        EVP_DigestSignInit(inner, nullptr, EVP_sha256(), nullptr, (by.other_key ? by.other : by.key).get()) == 1 &&
        EVP_DigestSign(inner, out, size, text, text_size) == 1;
    EVP_MD_CTX_free(inner);
    if (done && by.flips) out[*size - 1] ^= 1;
    ++by.signatures;
    return done;
}

// ---- the store behind elsewhere:

struct listing {
    int left;
};
void* store_open(void*, char const* uri) {
    return std::string_view{uri} == "elsewhere:key" ? new listing{device->objects} : nullptr;
}
int store_load(void* from, OSSL_CALLBACK* give, void* give_data, OSSL_PASSPHRASE_CALLBACK* ask, void* ask_data) {
    auto& list = *static_cast<listing*>(from);
    --list.left;
    char pin[64];
    std::size_t size = 0;
    if (ask(pin, sizeof pin, &size, nullptr, ask_data) != 1 || std::string_view{pin, size} != device->pin) return 0;
    int type = OSSL_OBJECT_PKEY;
    char name[] = "EC";
    void* reference = device;
    OSSL_PARAM object[] = {OSSL_PARAM_construct_int(OSSL_OBJECT_PARAM_TYPE, &type),
                           OSSL_PARAM_construct_utf8_string(OSSL_OBJECT_PARAM_DATA_TYPE, name, 0),
                           OSSL_PARAM_construct_octet_string(OSSL_OBJECT_PARAM_REFERENCE, &reference, sizeof reference),
                           OSSL_PARAM_construct_end()};
    return give(object, give_data);
}
int store_set(void*, OSSL_PARAM const*) { return 1; }
int store_end(void* from) { return static_cast<listing*>(from)->left <= 0; }
int store_close(void* from) {
    delete static_cast<listing*>(from);
    return 1;
}

// ---- the provider

OSSL_ALGORITHM const* algorithms_of(void*, int operation, int* no_cache) {
    static OSSL_DISPATCH const key[] = {{OSSL_FUNC_KEYMGMT_NEW, entry(key_new)},
                                        {OSSL_FUNC_KEYMGMT_FREE, entry(key_free)},
                                        {OSSL_FUNC_KEYMGMT_HAS, entry(key_has)},
                                        {OSSL_FUNC_KEYMGMT_LOAD, entry(key_load)},
                                        {OSSL_FUNC_KEYMGMT_GET_PARAMS, entry(key_get)},
                                        {OSSL_FUNC_KEYMGMT_GETTABLE_PARAMS, entry(key_gettable)},
                                        {OSSL_FUNC_KEYMGMT_QUERY_OPERATION_NAME, entry(key_operation)},
                                        {0, nullptr}};
    static OSSL_DISPATCH const signature[] = {{OSSL_FUNC_SIGNATURE_NEWCTX, entry(sign_new)},
                                              {OSSL_FUNC_SIGNATURE_FREECTX, entry(sign_free)},
                                              {OSSL_FUNC_SIGNATURE_DIGEST_SIGN_INIT, entry(sign_init)},
                                              {OSSL_FUNC_SIGNATURE_DIGEST_SIGN, entry(sign)},
                                              {0, nullptr}};
    static OSSL_DISPATCH const store[] = {
        {OSSL_FUNC_STORE_OPEN, entry(store_open)},   {OSSL_FUNC_STORE_SET_CTX_PARAMS, entry(store_set)},
        {OSSL_FUNC_STORE_LOAD, entry(store_load)},   {OSSL_FUNC_STORE_EOF, entry(store_end)},
        {OSSL_FUNC_STORE_CLOSE, entry(store_close)}, {0, nullptr}};
    static OSSL_ALGORITHM const keys[] = {{"EC", "provider=elsewhere", key, ""}, {nullptr, nullptr, nullptr, nullptr}};
    static OSSL_ALGORITHM const signatures[] = {{"ECDSA", "provider=elsewhere", signature, ""},
                                                {nullptr, nullptr, nullptr, nullptr}};
    static OSSL_ALGORITHM const stores[] = {{"elsewhere", "provider=elsewhere", store, ""},
                                            {nullptr, nullptr, nullptr, nullptr}};
    *no_cache = 0;
    return operation == OSSL_OP_KEYMGMT     ? keys
           : operation == OSSL_OP_SIGNATURE ? signatures
           : operation == OSSL_OP_STORE     ? stores
                                            : nullptr;
}
int start(OSSL_CORE_HANDLE const* handle, OSSL_DISPATCH const*, OSSL_DISPATCH const** out, void** context) {
    static OSSL_DISPATCH const own[] = {{OSSL_FUNC_PROVIDER_QUERY_OPERATION, entry(algorithms_of)}, {0, nullptr}};
    *out = own;
    *context = const_cast<OSSL_CORE_HANDLE*>(handle);
    return 1;
}

/// A library context that has the provider beside OpenSSL's own.
struct with_device {
    hardware behind;
    OSSL_LIB_CTX* library = OSSL_LIB_CTX_new();
    OSSL_PROVIDER *own = nullptr, *elsewhere = nullptr;

    with_device() {
        device = &behind;
        OSSL_PROVIDER_add_builtin(library, "elsewhere", start);
        own = OSSL_PROVIDER_load(library, "default");
        elsewhere = OSSL_PROVIDER_load(library, "elsewhere");
    }
    ~with_device() {
        OSSL_PROVIDER_unload(elsewhere);
        OSSL_PROVIDER_unload(own);
        OSSL_LIB_CTX_free(library);
    }
    with_device(with_device const&) = delete;
    with_device& operator=(with_device const&) = delete;

    template <class A = es256> result<openssl_key<A>> key(std::string_view pin = "1234") const {
        return openssl_key<A>::from_uri("elsewhere:key", secret::copy_of(as_bytes(pin)),
                                        {.library = library, .properties = "?provider=elsewhere"});
    }
};

} // namespace

TEST_CASE("A key that a URI names in a provider signs tokens there") {
    with_device const here;
    auto const key = here.key();
    REQUIRE(key);
    CHECK(key->verifier_key().key() == *public_key::from_pem(public_pem(here.behind.key.get())));
    CHECK(here.behind.signatures == 1); // the trial
    auto const issue = *jwt::signer<es256>::make(*key);
    jwt::claims claims;
    claims.subject("ann");
    CHECK(issue.sign(claims));
    CHECK(here.behind.signatures == 2);
}

TEST_CASE("A provider asks for its PIN, and gets it once it is known") {
    with_device const here;
    CHECK(here.key("0000").error() == errc::bad_passphrase);
    CHECK(here.key("").error() == errc::bad_passphrase);
    auto const unasked =
        openssl_key<es256>::from_uri("elsewhere:key", {.library = here.library, .properties = "?provider=elsewhere"});
    CHECK(unasked.error() == errc::bad_passphrase);
    CHECK(here.behind.signatures == 0);
    CHECK(here.key());
}

TEST_CASE("What a provider returns is verified each time: a wrong signature is never handed on") {
    with_device here;
    auto const key = here.key();
    REQUIRE(key);
    std::array<std::uint8_t, 64> out;
    here.behind.flips = true;
    CHECK(key->sign(as_bytes("m"), out).error() == errc::signer_failed);
    here.behind.flips = false;
    here.behind.other_key = true;
    CHECK(key->sign(as_bytes("m"), out).error() == errc::signer_failed);
    here.behind.other_key = false;
    CHECK(*key->sign(as_bytes("m"), out) == 64);
}

TEST_CASE("A provider that shows another key than it signs with is found out when the key is made") {
    with_device here;
    here.behind.other_key = true;
    CHECK(here.key().error() == errc::key_mismatch);
}

TEST_CASE("A place in a provider with no key, with several, or with one of another curve") {
    with_device here;
    here.behind.objects = 0;
    CHECK(here.key().error() == errc::key_unavailable);
    here.behind.objects = 2;
    CHECK(here.key().error() == errc::key_unavailable);
    here.behind.objects = 1'000'000;
    CHECK(here.key().error() == errc::key_unavailable);
    here.behind.objects = 1;
    here.behind.key = generate(alg::es384);
    CHECK(here.key().error() == errc::wrong_key_type);
    CHECK(here.behind.signatures == 0);
}

TEST_CASE("Threads share a key in a provider") {
    with_device const here;
    auto const key = here.key();
    REQUIRE(key);
    std::atomic<int> good = 0;
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t != 8; ++t)
            threads.emplace_back([&] {
                std::array<std::uint8_t, 64> out;
                for (int i = 0; i != 8; ++i) good += key->sign(as_bytes("m"), out).has_value();
            });
    }
    CHECK(good == 64);
    CHECK(here.behind.signatures == 65);
}
