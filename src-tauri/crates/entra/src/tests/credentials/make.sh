#!/bin/sh
# Makes the files of this folder with OpenSSL 3: throwaway keys in every wrapping that other tools produce.
set -eu
cd "$(dirname "$0")"
keys=$(mktemp -d)
trap 'rm -rf "$keys"' EXIT
password=pass:correct-horse

certificate() { # name, subject, options of the key
    name=$1 subject=$2
    shift 2
    openssl req -x509 -nodes -sha256 -days 36500 -subj "$subject" -keyout "$keys/$name.key" -out "$keys/$name.crt" "$@"
}
pfx() { # name, options
    name=$1
    shift
    openssl pkcs12 -export -out "$name.pfx" -in certificate.pem "$@"
}
pkcs8() { # name, options
    name=$1
    shift
    openssl pkcs8 -topk8 -in key-pkcs8.pem -passout "$password" -out "$name.pem" "$@"
}

certificate main "/O=Contoso/CN=Gatehouse test" -newkey rsa:2048
certificate another "/CN=Another certificate" -newkey rsa:2048
certificate short "/CN=Short key" -newkey rsa:1024
certificate elliptic "/CN=Elliptic curve" -newkey ec -pkeyopt ec_paramgen_curve:prime256v1

cp "$keys/main.crt" certificate.pem
cp "$keys/main.key" key-pkcs8.pem
cp "$keys/another.crt" another-certificate.pem
cat "$keys/short.key" "$keys/short.crt" > short.pem
cat "$keys/elliptic.key" "$keys/elliptic.crt" > elliptic.pem
openssl ec -in "$keys/elliptic.key" -out elliptic-sec1.pem

openssl rsa -in key-pkcs8.pem -traditional -out key-pkcs1.pem
openssl rsa -in key-pkcs8.pem -traditional -aes128 -passout "$password" -out key-rfc1421.pem
pkcs8 key-aes
pkcs8 key-3des -v2 des3 -v2prf hmacWithSHA1
pkcs8 key-scrypt -scrypt
pkcs8 key-pbes1 -v1 PBE-SHA1-3DES
pkcs8 key-slow -iter 10000001

pfx aes -inkey key-pkcs8.pem -certfile another-certificate.pem -passout "$password"
pfx 3des -inkey key-pkcs8.pem -passout "$password" -legacy -descert -macalg sha1
pfx rc2 -inkey key-pkcs8.pem -passout "$password" -legacy
pfx no-password -inkey key-pkcs8.pem -passout pass:
pfx no-mac -inkey key-pkcs8.pem -passout "$password" -nomac
pfx not-encrypted -inkey key-pkcs8.pem -passout pass: -keypbe NONE -certpbe NONE -nomac
pfx no-key -nokeys -passout "$password"
pfx slow -inkey key-pkcs8.pem -passout "$password" -iter 1000001

for digest in sha1 sha256; do
    openssl x509 -in certificate.pem -noout -fingerprint -$digest
done | sed 's/.*=//; s/://g' > expected.txt
for date in startdate enddate; do
    TZ=UTC date -d "$(openssl x509 -in certificate.pem -noout -$date | sed 's/.*=//')" +%Y-%m-%dT%H:%M:%SZ
done >> expected.txt
chmod 644 ./*.pem ./*.pfx
