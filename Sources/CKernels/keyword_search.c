// Term at a time over a dense array of scores, with the pruning of MaxScore.
//
// Terms come by falling bound. While the terms still to come could lift an unseen document into the best k, a term's
// postings are added in full; after that only documents already touched can win, and those that cannot any more are
// dropped before each further long list. The threshold is the k-th best score so far: partial scores are lower bounds
// of whole ones, so it never overshoots, and since all arithmetic is on integers the result is that of adding
// everything.
//
// There is one version for all instruction sets: the loops scatter into 256 KB of scores and wait for memory, not for
// arithmetic (docs/decisions/0005-keyword-index.md has the figures).
#include "keyword.h"

#include <stdbool.h>
#include <string.h>

// How many touched documents the threshold is taken from, where k is small.
enum { SAMPLE = 256, BUCKETS = 256 };

static inline uint32_t contribution(const fn_keyword_term *term, const uint16_t *impacts, uint32_t posting) {
  uint64_t impact = impacts[posting & 0xFFF];
  // Each term rounds for itself, so that the sum is the same whether two terms share their postings or not.
  return (uint32_t)(impact * term->weight >> 16) + (uint32_t)(impact * term->second_weight >> 16) + term->floor;
}

static inline bool counts(const fn_keyword_filter *filter, uint32_t document) {
  if (filter->alive != NULL && !(filter->alive[document >> 6] >> (document & 63) & 1)) return false;
  if (filter->accept == NULL) return true;
  uint32_t slot = filter->slots[document];
  return slot >> 6 < filter->accept_words && (filter->accept[slot >> 6] >> (slot & 63) & 1);
}

// Adds every posting of a term; documents seen for the first time are appended to the touched ones.
static inline __attribute__((always_inline)) uint32_t add_all(const fn_keyword_term *term, const uint16_t *impacts,
                                                              const fn_keyword_filter *filter,
                                                              const fn_keyword_workspace *work, uint32_t touched,
                                                              bool filtered) {
  uint32_t *scores = work->scores;
  uint16_t *list = work->touched;
  const fn_keyword_term local = *term;
  for (uint32_t i = 0; i < local.count; i++) {
    uint32_t posting = local.postings[i], document = posting >> 16, score = scores[document];
    if (filtered && score == 0 && !counts(filter, document)) continue;
    list[touched] = (uint16_t)document;
    touched += score == 0;
    scores[document] = score + contribution(&local, impacts, posting);
  }
  return touched;
}

// Adds a term to the touched documents only: by walking its postings, or by looking each document up.
static void add_to_touched(const fn_keyword_term *term, const uint16_t *impacts, const fn_keyword_workspace *work,
                           uint32_t touched) {
  uint32_t *scores = work->scores;
  if ((uint64_t)touched * 16 >= term->count) {
    for (uint32_t i = 0; i < term->count; i++) {
      uint32_t posting = term->postings[i], document = posting >> 16, score = scores[document];
      if (score != 0) scores[document] = score + contribution(term, impacts, posting);
    }
    return;
  }
  for (uint32_t i = 0; i < touched; i++) {
    uint32_t document = work->touched[i];
    const uint32_t *low = term->postings;
    uint32_t span = term->count;
    while (span > 1) {
      uint32_t half = span / 2;
      low = low[half] >> 16 <= document ? low + half : low;
      span -= half;
    }
    if (span == 1 && *low >> 16 == document) scores[document] += contribution(term, impacts, *low);
  }
}

// A lower bound of the k-th best score among the touched documents, within a 128th of the best one. Looks at the
// first ones only: they hold the weightiest term, so most of the best are among them, and a lower bound from a few is
// a lower bound all the same.
static uint32_t kth_best(const fn_keyword_workspace *work, uint32_t touched, uint32_t k) {
  uint32_t sample = k > SAMPLE / 4 ? 4 * k : SAMPLE;
  if (touched > sample) touched = sample;
  if (touched < k) return 0;
  uint32_t best = 0;
  for (uint32_t i = 0; i < touched; i++) {
    uint32_t score = work->scores[work->touched[i]];
    if (score > best) best = score;
  }
  uint32_t shift = 0;
  while (best >> shift >= BUCKETS) shift++;
  uint32_t buckets[BUCKETS] = {0};
  for (uint32_t i = 0; i < touched; i++) buckets[work->scores[work->touched[i]] >> shift]++;
  uint32_t above = 0;
  for (uint32_t bucket = BUCKETS; bucket-- > 0;) {
    above += buckets[bucket];
    if (above >= k) return bucket << shift;
  }
  return 0;
}

// Drops the documents that cannot reach the threshold with what is still to come, and clears their scores.
static uint32_t drop(const fn_keyword_workspace *work, uint32_t touched, uint32_t needed) {
  uint32_t kept = 0;
  for (uint32_t i = 0; i < touched; i++) {
    uint16_t document = work->touched[i];
    bool keep = work->scores[document] >= needed;
    work->touched[kept] = document;
    kept += keep;
    work->scores[document] = keep ? work->scores[document] : 0;
  }
  return kept;
}

static void sift_down(uint64_t *keys, uint32_t count, uint32_t at) {
  for (;;) {
    uint32_t child = 2 * at + 1;
    if (child >= count) return;
    if (child + 1 < count && keys[child + 1] < keys[child]) child++;
    if (keys[at] <= keys[child]) return;
    uint64_t moved = keys[at];
    keys[at] = keys[child];
    keys[child] = moved;
    at = child;
  }
}

static void offer(fn_keyword_heap *heap, uint64_t key) {
  if (heap->count == heap->k) {
    if (key <= heap->keys[0]) return;
    heap->keys[0] = key;
    sift_down(heap->keys, heap->count, 0);
    return;
  }
  uint32_t at = heap->count++;
  heap->keys[at] = key;
  while (at > 0 && heap->keys[(at - 1) / 2] > heap->keys[at]) {
    uint64_t moved = heap->keys[at];
    heap->keys[at] = heap->keys[(at - 1) / 2];
    heap->keys[(at - 1) / 2] = moved;
    at = (at - 1) / 2;
  }
}

static uint32_t threshold_of(const fn_keyword_heap *heap) {
  return heap->count == heap->k ? (uint32_t)(heap->keys[0] >> 32) : 0;
}

void fn_keyword_search(const fn_keyword_term *terms, uint32_t term_count, const uint16_t *impacts,
                       const fn_keyword_filter *filter, const fn_keyword_workspace *work, fn_keyword_heap *heap) {
  uint32_t threshold = threshold_of(heap), touched = 0, highest = 0;
  for (uint32_t t = 0; t < term_count; t++) highest += terms[t].bound;
  uint32_t rest = highest;
  bool filtered = filter->alive != NULL || filter->accept != NULL;
  if (heap->k == 0 || rest < threshold) return;

  for (uint32_t t = 0; t < term_count; t++) {
    if (rest >= threshold) {
      touched = filtered ? add_all(&terms[t], impacts, filter, work, touched, true)
                         : add_all(&terms[t], impacts, filter, work, touched, false);
    } else {
      // Visiting the touched documents costs as much as a short list.
      if (terms[t].count * 2 >= touched) {
        touched = drop(work, touched, threshold - rest);
        if (touched == 0) return;
      }
      add_to_touched(&terms[t], impacts, work, touched);
    }
    rest -= terms[t].bound;
    // The threshold cannot pass what the terms so far give at most: until that is more than the rest, it changes
    // nothing.
    if (t + 1 < term_count && highest - rest > rest) {
      uint32_t best = kth_best(work, touched, heap->k);
      if (best > threshold) threshold = best;
    }
  }
  for (uint32_t i = 0; i < touched; i++) {
    uint32_t document = work->touched[i], score = work->scores[document];
    work->scores[document] = 0;
    if (score >= threshold) offer(heap, (uint64_t)score << 32 | (uint32_t)~filter->slots[document]);
  }
}
