// OpenSSL's libcrypto as Swift sees it: digests and random bytes.
#pragma once
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
