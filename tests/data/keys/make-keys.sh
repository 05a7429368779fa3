#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Keys of nobody, and what the openssl command makes of them: the fixtures of tests/wire/test-key.c, made anew.
set -eu
cd "$(dirname "$0")"
swap() { xxd -p -c2 "$1" | sed 's/\(..\)\(..\)/\2\1/' | xxd -r -p; }

openssl genrsa -traditional -out pkcs1.pem 2048
openssl rsa -in pkcs1.pem -traditional -outform DER -out pkcs1.der
openssl pkcs8 -topk8 -nocrypt -in pkcs1.pem -out pkcs8.pem
openssl pkcs8 -topk8 -nocrypt -in pkcs1.pem -outform DER -out pkcs8.der
openssl pkcs8 -topk8 -in pkcs1.pem -passout pass:nobody -out locked.pem
openssl pkcs8 -topk8 -in pkcs1.pem -passout pass:nobody -outform DER -out locked.der
openssl rsa -in pkcs1.pem -traditional -aes128 -passout pass:nobody -out locked-old.pem
openssl rsa -in pkcs1.pem -pubout -out public.pem
openssl rsa -in pkcs1.pem -pubout -outform DER -out public.der
openssl rsa -in pkcs1.pem -RSAPublicKey_out -out public-old.pem
openssl req -new -x509 -key pkcs1.pem -subj /CN=nobody -days 36500 -out certificate.pem
openssl ecparam -name prime256v1 -genkey -noout -out elliptic.pem
openssl genrsa -traditional -out small.pem 512
sed '5,9d' pkcs1.pem >damaged.pem

# the boot ROM's challenge and its answer: shared/protocol/brom-and-legacy.md §2.7
printf 'sixteen by chance' | head -c 16 >challenge.bin
swap challenge.bin >swapped.bin
openssl pkeyutl -sign -inkey pkcs1.pem -pkeyopt rsa_padding_mode:pkcs1 -in swapped.bin -out raw.bin
swap raw.bin >answer.bin
rm swapped.bin raw.bin
