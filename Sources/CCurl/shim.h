// libcurl as Swift sees it. The shim holds only what Swift cannot call: curl_easy_setopt and curl_easy_getinfo are
// variadic macros (https://curl.se/libcurl/c/curl_easy_setopt.html), so each kind of value has a function.
#pragma once
#include <curl/curl.h>

typedef size_t (*footnote_curl_data)(char *bytes, size_t size, size_t count, void *context);

static inline CURLcode footnote_curl_set_long(CURL *handle, CURLoption option, long value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode footnote_curl_set_text(CURL *handle, CURLoption option, const char *value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode footnote_curl_set_pointer(CURL *handle, CURLoption option, void *value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode footnote_curl_set_data(CURL *handle, CURLoption option, footnote_curl_data function) {
  return curl_easy_setopt(handle, option, function);
}

typedef curl_socket_t (*footnote_curl_opener)(void *context, curlsocktype purpose, struct curl_sockaddr *address);

static inline CURLcode footnote_curl_set_opener(CURL *handle, footnote_curl_opener function) {
  return curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, function);
}

static inline CURLcode footnote_curl_set_body(CURL *handle, const char *bytes, curl_off_t length) {
  CURLcode result = curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, length);
  return result != CURLE_OK ? result : curl_easy_setopt(handle, CURLOPT_COPYPOSTFIELDS, bytes);
}

static inline CURLcode footnote_curl_get_long(CURL *handle, CURLINFO info, long *value) {
  return curl_easy_getinfo(handle, info, value);
}

static inline CURLcode footnote_curl_get_offset(CURL *handle, CURLINFO info, curl_off_t *value) {
  return curl_easy_getinfo(handle, info, value);
}
