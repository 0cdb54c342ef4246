// libmicrohttpd as Swift sees it. The shim holds only what Swift cannot call: MHD_start_daemon, MHD_get_daemon_info and
// MHD_get_connection_info, which are variadic, two GNU names that glibc hides from the importer, and a look at what the
// parser of 0.9 lets through unseen.
// https://www.gnu.org/software/libmicrohttpd/manual/libmicrohttpd.html
#pragma once
#include <microhttpd.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

typedef struct {
  int listen_socket;
  unsigned int connections_max;
  unsigned int idle_seconds_max;
  size_t connection_memory_bytes;
  // PEM text, or NULL for plain HTTP.
  const char *tls_key;
  const char *tls_certificate;
  void *context;
  MHD_AccessHandlerCallback on_request;
  void *(*on_target)(void *context, const char *target, struct MHD_Connection *connection);
  MHD_RequestCompletedCallback on_completed;
  MHD_NotifyConnectionCallback on_connection;
} footnote_mhd_settings;

// Paths are decoded once, by us: libmicrohttpd must leave them as they came.
static size_t footnote_mhd_keep_escapes(void *context, struct MHD_Connection *connection, char *text) {
  (void)context;
  (void)connection;
  return strlen(text);
}

static inline struct MHD_Daemon *footnote_mhd_start(const footnote_mhd_settings *settings) {
  unsigned int flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC;
  struct MHD_OptionItem tls[] = {
      {MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)settings->tls_key},
      {MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)settings->tls_certificate},
      {MHD_OPTION_END, 0, NULL},
  };
  struct MHD_OptionItem none[] = {{MHD_OPTION_END, 0, NULL}};
  bool secure = settings->tls_key != NULL && settings->tls_certificate != NULL;
  if (secure) flags |= MHD_USE_TLS;
  return MHD_start_daemon(
      flags, 0, NULL, NULL, settings->on_request, settings->context,
      MHD_OPTION_LISTEN_SOCKET, settings->listen_socket,
      MHD_OPTION_CONNECTION_LIMIT, settings->connections_max,
      MHD_OPTION_CONNECTION_TIMEOUT, settings->idle_seconds_max,
      MHD_OPTION_CONNECTION_MEMORY_LIMIT, settings->connection_memory_bytes,
      MHD_OPTION_STRICT_FOR_CLIENT, 1,
      MHD_OPTION_UNESCAPE_CALLBACK, footnote_mhd_keep_escapes, NULL,
      MHD_OPTION_URI_LOG_CALLBACK, settings->on_target, settings->context,
      MHD_OPTION_NOTIFY_COMPLETED, settings->on_completed, settings->context,
      MHD_OPTION_NOTIFY_CONNECTION, settings->on_connection, settings->context,
      MHD_OPTION_ARRAY, secure ? tls : none,
      MHD_OPTION_END);
}

// Connections that are open; MHD_get_daemon_info is variadic.
static inline unsigned int footnote_mhd_connection_count(struct MHD_Daemon *daemon) {
  const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_CURRENT_CONNECTIONS);
  return info == NULL ? 0 : info->num_connections;
}

// MHD_get_connection_info is variadic. Each returns a neutral value where the library has none.
static inline int footnote_mhd_socket(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  return info == NULL ? -1 : info->connect_fd;
}

static inline const struct sockaddr *footnote_mhd_peer(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
  return info == NULL ? NULL : info->client_addr;
}

static inline void *footnote_mhd_socket_context(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  return info == NULL ? NULL : info->socket_context;
}

// True where a header value, or the version of the request line, was ended by a bare LF or went on in a folded line.
//
// libmicrohttpd 0.9 takes both silently, and another server in front may not: that difference is request smuggling.
// Its parser ends a line in place, in the buffer of the connection: CR LF becomes two zero bytes, a bare LF only one.
// So the byte after the terminator is zero exactly when the line ended as it should, and the one after that begins
// the next line. Both lie within the buffer: at least the empty line that ends the headers follows. (A bare LF that
// ends the very last line and is itself followed by CR LF looks the same as CR LF; nothing can be smuggled behind it.)
// From 0.9.77 on the library refuses both itself.
static inline bool footnote_mhd_line_is_loose(const char *text, size_t length) {
#if MHD_VERSION < 0x00097700
  if (text[length] != 0) return true;
  if (text[length + 1] != 0) return true;
  return text[length + 2] == ' ' || text[length + 2] == '\t';
#else
  (void)text;
  (void)length;
  return false;
#endif
}

// Declared by glibc only under _GNU_SOURCE, which the importer does not set.
// https://man7.org/linux/man-pages/man3/memmem.3.html
void *memmem(const void *haystack, size_t haystack_length, const void *needle, size_t needle_length);
static inline const void *footnote_find(const void *bytes, size_t length, const void *needle, size_t needle_length) {
  return memmem(bytes, length, needle, needle_length);
}

// POLLRDHUP of Linux: the peer has closed its side. https://man7.org/linux/man-pages/man2/poll.2.html
static const short footnote_poll_peer_closed = 0x2000;
