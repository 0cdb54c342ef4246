// The files of the web page, inside the binary.
#pragma once
#include <stddef.h>

typedef struct {
  const char *path;          // as it is asked for
  const char *content_type;
  const unsigned char *bytes;
  size_t length;
} footnote_page_asset;

size_t footnote_page_asset_count(void);
const footnote_page_asset *footnote_page_asset_at(size_t index);
