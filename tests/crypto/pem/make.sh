#!/bin/sh
# Writes the files of this folder anew: keys for tests alone, as OpenSSL 3 and ssh-keygen write them. The passphrase is "pass".
set -e
cd "$(dirname "$0")"
rm -f ./*.pem ./*.pub ./*.der
pub() { openssl pkey -in "$1" -pubout -out "$2"; }

openssl genrsa -traditional -out rsa-pkcs1.pem 2048 2>/dev/null
openssl pkcs8 -topk8 -nocrypt -in rsa-pkcs1.pem -out rsa-pkcs8.pem
pub rsa-pkcs1.pem rsa-public.pem
openssl rsa -in rsa-pkcs1.pem -RSAPublicKey_out -out rsa-public-pkcs1.pem 2>/dev/null
openssl rsa -in rsa-pkcs1.pem -traditional -aes128 -passout pass:pass -out rsa-encrypted-old.pem 2>/dev/null
openssl rsa -in rsa-pkcs1.pem -outform DER -traditional -out rsa-pkcs1.der 2>/dev/null
openssl rsa -in rsa-pkcs1.pem -noout -text > rsa-with-text.pem 2>/dev/null
cat rsa-pkcs1.pem >> rsa-with-text.pem

for curve in prime256v1 secp384r1 secp521r1 secp256k1; do
    openssl ecparam -name $curve -genkey -out ec-$curve-sec1.pem # with a block of parameters before it
    pub ec-$curve-sec1.pem ec-$curve-public.pem
done
openssl ec -in ec-prime256v1-sec1.pem -no_public -out ec-no-public.pem 2>/dev/null
openssl ec -in ec-prime256v1-sec1.pem -param_enc explicit -out ec-explicit.pem 2>/dev/null
openssl ec -in ec-prime256v1-sec1.pem -aes128 -passout pass:pass -out ec-encrypted-old.pem 2>/dev/null
openssl ecparam -name brainpoolP256r1 -genkey -noout -out ec-brainpool.pem

openssl genpkey -algorithm ed25519 -out ed25519-pkcs8.pem
pub ed25519-pkcs8.pem ed25519-public.pem

openssl pkcs8 -topk8 -in ec-prime256v1-sec1.pem -scrypt -passout pass:pass -out scrypt.pem
openssl pkcs8 -topk8 -in rsa-pkcs1.pem -scrypt -v2 aes-128-cbc -scrypt_N 1024 -scrypt_r 4 -scrypt_p 2 -passout pass:pass -out scrypt-small.pem
openssl pkcs8 -topk8 -in ec-prime256v1-sec1.pem -scrypt -scrypt_N 16384 -scrypt_r 8 -scrypt_p 8 -passout pass:pass -out scrypt-costly.pem
openssl pkcs8 -topk8 -in ec-prime256v1-sec1.pem -passout pass:pass -out pbkdf2.pem
openssl pkcs8 -topk8 -in ec-prime256v1-sec1.pem -v1 PBE-SHA1-3DES -passout pass:pass -out pbes1.pem

for key in rsa-pkcs1 ec-prime256v1-sec1 ed25519-pkcs8; do
    openssl req -x509 -new -key $key.pem -subj "/CN=$key" -days 36500 -out certificate-$key.pem
done
openssl x509 -in certificate-rsa-pkcs1.pem -text -out certificate-with-text.pem
cat certificate-ec-prime256v1-sec1.pem certificate-rsa-pkcs1.pem > certificates.pem
openssl req -new -key ec-prime256v1-sec1.pem -subj /CN=request -out request.pem
openssl crl2pkcs7 -nocrl -certfile certificates.pem -out pkcs7.pem
openssl x509 -in certificate-rsa-pkcs1.pem -trustout -addtrust serverAuth -out trusted.pem
openssl pkcs12 -export -inkey ec-prime256v1-sec1.pem -in certificate-ec-prime256v1-sec1.pem -passout pass:pass -name "a name" -out store.der
openssl pkcs12 -in store.der -noenc -passin pass:pass -out pkcs12-as-text.pem # attributes, certificate, attributes, key
openssl dsaparam -genkey 2048 2>/dev/null | openssl dsa -traditional -out dsa.pem 2>/dev/null || openssl dsaparam -genkey -noout -out dsa.pem 2048
if command -v ssh-keygen > /dev/null; then
    ssh-keygen -q -t ed25519 -N '' -C '' -f openssh.pem && mv openssh.pem.pub openssh-ed25519.pub
    ssh-keygen -q -t ecdsa -N '' -C '' -f ecdsa.pem && mv ecdsa.pem.pub openssh-ecdsa.pub && rm ecdsa.pem
fi
