#include "keys.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <sstream>

namespace web {

using namespace signet;

namespace {

std::string read_file(std::filesystem::path const& file) {
    std::ifstream in{file};
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

mac_key derive(mac_key const& from, std::string_view purpose) {
    bytes octets(32);
    auto mac = crypto::hmac::make(from);
    mac.update(as_bytes(purpose));
    mac.finish(octets);
    return *mac_key::from_secret(secret{std::move(octets)}, alg::hs256);
}

template <class T, void (*Free)(T*)> struct freed {
    void operator()(T* object) const { Free(object); }
};
using key_ptr = std::unique_ptr<EVP_PKEY, freed<EVP_PKEY, EVP_PKEY_free>>;
using cert_ptr = std::unique_ptr<X509, freed<X509, X509_free>>;
struct free_bio {
    void operator()(BIO* b) const { BIO_free(b); }
};
using bio_ptr = std::unique_ptr<BIO, free_bio>;

std::string text_of(BIO* memory) {
    char* data = nullptr;
    auto const size = BIO_get_mem_data(memory, &data);
    return {data, static_cast<std::size_t>(size)};
}

// A certificate of P-256, good for a year, for `host`, localhost and 127.0.0.1.
std::string make_certificate(std::string const& host) {
    key_ptr const key{EVP_EC_gen("P-256")};
    cert_ptr const made{X509_new()};
    std::uint64_t serial = 0;
    if (!key || !made || RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) != 1) return {};
    X509_set_version(made.get(), 2);
    ASN1_INTEGER_set_uint64(X509_get_serialNumber(made.get()), serial >> 1);
    X509_gmtime_adj(X509_getm_notBefore(made.get()), -60);
    X509_gmtime_adj(X509_getm_notAfter(made.get()), 365L * 24 * 3600);
    auto* const name = X509_get_subject_name(made.get());
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, reinterpret_cast<unsigned char const*>(host.c_str()), -1, -1,
                               0);
    X509_set_issuer_name(made.get(), name);
    X509_set_pubkey(made.get(), key.get());
    auto const names = "DNS:" + host + ",DNS:localhost,IP:127.0.0.1";
    auto* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names.c_str());
    if (!extension) return {};
    X509_add_ext(made.get(), extension, -1);
    X509_EXTENSION_free(extension);
    if (!X509_sign(made.get(), key.get(), EVP_sha256())) return {};

    bio_ptr const out{BIO_new(BIO_s_mem())};
    bool const written = PEM_write_bio_X509(out.get(), made.get()) == 1 &&
                         PEM_write_bio_PrivateKey(out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1;
    return written ? text_of(out.get()) : std::string{};
}

std::string base64(bytes_view octets) {
    std::string text(4 * ((octets.size() + 2) / 3) + 1, '\0');
    auto* const to = reinterpret_cast<unsigned char*>(text.data());
    text.resize(static_cast<std::size_t>(EVP_EncodeBlock(to, octets.data(), static_cast<int>(octets.size()))));
    return text;
}

} // namespace

bool write_private(std::filesystem::path const& file, std::string_view text) {
    auto aside = file.string() + ".XXXXXX"; // mkstemp makes it the owner's alone
    int const handle = ::mkstemp(aside.data());
    if (handle < 0) return false;
    bool const whole =
        ::write(handle, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(handle) == 0;
    bool const kept = ::close(handle) == 0 && whole;
    bool const named = kept && (::link(aside.c_str(), file.c_str()) == 0 || errno == EEXIST);
    ::unlink(aside.c_str());
    return named;
}

bool make_private_folder(std::filesystem::path folder) {
    if (!folder.has_filename()) folder = folder.parent_path(); // "data/": lstat would follow a link
    std::error_code failed;
    std::filesystem::create_directories(folder.parent_path(), failed);
    ::mkdir(folder.c_str(), 0700);
    struct stat is{};
    // Of a link it is the link that counts: where it leads to may be changed by whoever made it.
    if (::lstat(folder.c_str(), &is) != 0 || !S_ISDIR(is.st_mode) || is.st_uid != ::geteuid()) return false;
    return ::chmod(folder.c_str(), 0700) == 0;
}

result<site_keys> load_keys(std::filesystem::path const& folder) {
    auto const file = folder / "keys.pem";
    if (!std::filesystem::exists(file)) {
        auto const fresh = private_key::generate(alg::es256);
        if (!fresh) return fresh.error();
        if (!write_private(file, as_text(fresh->to_pem().reveal()))) return errc::store_unavailable;
    }
    auto key = private_key::from_pem(read_file(file));
    if (!key) return key.error();
    auto const root = mac_key::from_secret(key->d(), alg::hs256);
    if (!root) return root.error();
    auto signing = local_key<es256>::from_key(*std::move(key));
    if (!signing) return signing.error();
    return site_keys{*std::move(signing), derive(*root, "demo sessions"), derive(*root, "demo DPoP nonces"),
                     derive(*root, "demo known browsers"), derive(*root, "demo refresh tokens")};
}

result<certificate> load_certificate(std::filesystem::path const& folder, std::string const& host) {
    auto const file = folder / "certificate.pem";
    if (!std::filesystem::exists(file)) {
        auto const made = make_certificate(host);
        if (made.empty()) return errc::bad_key; // a name that no certificate can have
        if (!write_private(file, made)) return errc::store_unavailable;
    }
    auto const text = read_file(file);
    bio_ptr const in{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
    cert_ptr const cert{PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr)};
    if (!cert) return errc::bad_key;
    unsigned char* spki = nullptr;
    int const size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert.get()), &spki);
    if (size <= 0) return errc::bad_key;
    auto const digest = crypto::sha256({spki, static_cast<std::size_t>(size)});
    OPENSSL_free(spki);
    return certificate{text, text, base64(digest)};
}

} // namespace web
