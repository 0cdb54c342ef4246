// OpenSSL's libcrypto as Swift sees it: digests, random bytes and certificates.
#pragma once
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
