#ifndef QUARTERMASTER_CCURL_H
#define QUARTERMASTER_CCURL_H

#include <curl/curl.h>

/* curl_easy_setopt and curl_easy_getinfo are variadic, which Swift does not import: one function per kind of value. */

static inline CURLcode qm_curl_set_text(CURL *curl, CURLoption option, const char *value) {
  return curl_easy_setopt(curl, option, value);
}

static inline CURLcode qm_curl_set_number(CURL *curl, CURLoption option, long value) {
  return curl_easy_setopt(curl, option, value);
}

static inline CURLcode qm_curl_set_size(CURL *curl, CURLoption option, curl_off_t value) {
  return curl_easy_setopt(curl, option, value);
}

static inline CURLcode qm_curl_set_list(CURL *curl, CURLoption option, struct curl_slist *value) {
  return curl_easy_setopt(curl, option, value);
}

/* The buffer has CURL_ERROR_SIZE bytes and lives as long as the handle. */
static inline CURLcode qm_curl_set_error(CURL *curl, char *buffer) {
  return curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, buffer);
}

typedef size_t (*qm_curl_bytes)(char *bytes, size_t size, size_t count, void *context);

/* Is given what the server says. */
static inline CURLcode qm_curl_set_writer(CURL *curl, qm_curl_bytes writer, void *context) {
  CURLcode code = curl_easy_setopt(curl, CURLOPT_WRITEDATA, context);
  return code == CURLE_OK ? curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, writer) : code;
}

/* Is asked for what goes to the server. */
static inline CURLcode qm_curl_set_reader(CURL *curl, qm_curl_bytes reader, void *context) {
  CURLcode code = curl_easy_setopt(curl, CURLOPT_READDATA, context);
  return code == CURLE_OK ? curl_easy_setopt(curl, CURLOPT_READFUNCTION, reader) : code;
}

typedef int (*qm_curl_progress)(void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d);

/* Is called at least once a second; what is not 0 ends the transfer. */
static inline CURLcode qm_curl_set_progress(CURL *curl, qm_curl_progress progress) {
  CURLcode code = curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  return code == CURLE_OK ? curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, progress) : code;
}

/* Allows web or mail alone, whatever the URL says. */
static inline CURLcode qm_curl_limit_protocols(CURL *curl, int isMail) {
#if LIBCURL_VERSION_NUM >= 0x075500
  return curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, isMail ? "smtp,smtps" : "http,https");
#else
  long mask = isMail ? CURLPROTO_SMTP | CURLPROTO_SMTPS : CURLPROTO_HTTP | CURLPROTO_HTTPS;
  return curl_easy_setopt(curl, CURLOPT_PROTOCOLS, mask);
#endif
}

/* The last status of the server: of HTTP, or of SMTP. */
static inline long qm_curl_status(CURL *curl) {
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  return status;
}

/* The seconds of a Retry-After header; 0 without one. */
static inline curl_off_t qm_curl_retry_after(CURL *curl) {
  curl_off_t seconds = 0;
  curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &seconds);
  return seconds;
}

/* Sets the library up; to be called once, before anything else. */
static inline CURLcode qm_curl_start(void) { return curl_global_init(CURL_GLOBAL_DEFAULT); }

#endif
