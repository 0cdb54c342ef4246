// The files of prompts/ as C arrays by #embed (C23). A new one is named here, once above the table and once in it; a
// test holds the table against the folder.
#include "CPrompts.h"

static const unsigned char answer_md[] = {
#embed "../../prompts/answer.md"
};

#define FILE_NAMED(name, array) {name, array, sizeof array}

static const footnote_prompt_file prompts[] = {
    FILE_NAMED("answer", answer_md),
};

size_t footnote_prompt_count(void) { return sizeof prompts / sizeof prompts[0]; }
const footnote_prompt_file *footnote_prompt_at(size_t index) { return &prompts[index]; }
