// The prompts that the product brings, inside the binary.
#pragma once
#include <stddef.h>

typedef struct {
  const char *name;
  const unsigned char *bytes;
  size_t length;
} footnote_prompt_file;

size_t footnote_prompt_count(void);
const footnote_prompt_file *footnote_prompt_at(size_t index);
