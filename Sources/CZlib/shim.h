// zlib as Swift sees it. The shim holds only what Swift cannot call.
#pragma once
#include <zlib.h>

// deflateInit2 is a macro; 16 more window bits ask for a gzip header: https://www.zlib.net/manual.html#Advanced
static inline int footnote_deflate_begin(z_stream *stream, int level) {
  return deflateInit2(stream, level, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY);
}
