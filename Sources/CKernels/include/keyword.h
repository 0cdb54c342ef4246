// The inner loops of the keyword index: from the postings of a question's terms to the best documents of one segment.
// A posting is `document << 16 | impact index` (see KeywordScale.swift); postings rise by document.
#pragma once
#include <stddef.h>
#include <stdint.h>

enum { FN_KEYWORD_DOCUMENTS = 65536, FN_KEYWORD_IMPACTS = 4096 };

// One term of a question, as one segment holds it.
typedef struct {
  const uint32_t *postings;
  uint32_t count;
  uint32_t weight;
  uint32_t second_weight;  // of a second term with the same postings, or zero
  uint32_t floor;          // how many terms this stands for: each gives at least 1
  uint32_t bound;          // no contribution is above it
} fn_keyword_term;

// Which documents count: bit `document` of `alive` and bit `slots[document]` of `accept`. Null means all.
typedef struct {
  const uint32_t *slots;
  const uint64_t *alive;
  const uint64_t *accept;
  size_t accept_words;
} fn_keyword_filter;

// Memory of one search. Between calls `scores` is all zero.
typedef struct {
  uint32_t *scores;    // FN_KEYWORD_DOCUMENTS
  uint16_t *touched;   // FN_KEYWORD_DOCUMENTS and one more
} fn_keyword_workspace;

// The best k documents over all calls with the same heap: a min-heap of `score << 32 | ~slot`, so that of equal scores
// the lower slot wins.
typedef struct {
  uint64_t *keys;
  uint32_t count;
  uint32_t k;
} fn_keyword_heap;

// Adds the best documents of a segment to the heap, exactly. Terms come by falling bound.
void fn_keyword_search(const fn_keyword_term *terms, uint32_t term_count, const uint16_t *impacts,
                       const fn_keyword_filter *filter, const fn_keyword_workspace *workspace, fn_keyword_heap *heap);
