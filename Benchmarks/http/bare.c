// The least that can be served: libmicrohttpd on the thread model that HTTPKit uses, answering every request with the
// same bytes. What it costs is the library's and the kernel's share; the rest is ours.
//   bare PORT BYTES
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *body;
static size_t length;

static enum MHD_Result answer(void *context, struct MHD_Connection *connection, const char *url, const char *method,
                              const char *version, const char *upload, size_t *upload_size, void **state) {
  static int seen;
  (void)context, (void)url, (void)method, (void)version, (void)upload;
  if (*state == NULL) {
    *state = &seen;
    return MHD_YES;
  }
  if (*upload_size > 0) {
    *upload_size = 0;
    return MHD_YES;
  }
  struct MHD_Response *response = MHD_create_response_from_buffer(length, body, MHD_RESPMEM_PERSISTENT);
  MHD_add_response_header(response, "Content-Type", "application/json");
  enum MHD_Result queued = MHD_queue_response(connection, 200, response);
  MHD_destroy_response(response);
  return queued;
}

int main(int count, char **arguments) {
  if (count != 3) return 2;
  length = (size_t)atol(arguments[2]);
  body = malloc(length);
  if (body == NULL) return 1;
  memset(body, ' ', length);
  struct MHD_Daemon *daemon = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD, (unsigned short)atoi(arguments[1]), NULL,
                                               NULL, answer, NULL, MHD_OPTION_END);
  if (daemon == NULL) return 1;
  pause();
}
