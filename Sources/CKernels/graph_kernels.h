// The kernels of the graph, written once and compiled for each instruction set. Who includes this defines
//   FN_TARGET          the function attribute that names the instruction set
//   FN_KERNELS         the name of the table to define
//   dots4              products of one query with four rows of codes
//   dots_with4         products of one row of codes with four queries
//   fine_dot           product of one fine query with one row of code and residual
// The order of all arithmetic is fixed here, the sums are integers: no set differs from another in a bit.
#include <string.h>

enum {
  GROUP = 4,            // rows multiplied at once
  AHEAD = 2 * GROUP,    // rows asked from memory before they are needed
  COUNTED = 64,         // entries of a sorted list that are compared one and all
  BATCH_MAX = 256       // slots scored at once; no row of links is longer
};

static inline void prefetch_row(const uint8_t *row, size_t stride) {
  for (size_t at = 0; at < stride; at += 64) __builtin_prefetch(row + at, 0, 3);
}

static inline uint64_t entry_of(float score, uint32_t slot) {
  uint32_t bits;
  memcpy(&bits, &score, sizeof bits);
  bits ^= (uint32_t)((int32_t)bits >> 31) | 0x80000000u;
  return (uint64_t)~bits << 32 | (uint64_t)slot << 2;
}

FN_TARGET static void scores(const fn_code_slab *slab, const fn_code_query *query, const uint32_t *slots, size_t n,
                             float *out) {
  const size_t stride = slab->code_stride;
  const size_t first = n < AHEAD ? n : AHEAD;
  for (size_t i = 0; i < first; i++) prefetch_row(slab->codes + slots[i] * stride, stride);
  for (size_t i = 0; i < n; i += GROUP) {
    for (size_t j = i + AHEAD; j < i + AHEAD + GROUP && j < n; j++)
      prefetch_row(slab->codes + slots[j] * stride, stride);
    const uint8_t *rows[GROUP];
    int32_t products[GROUP];
    for (size_t j = 0; j < GROUP; j++) rows[j] = slab->codes + slots[i + j < n ? i + j : n - 1] * stride;
    dots4(rows, query->values, stride, products);
    for (size_t j = 0; j < GROUP && i + j < n; j++)
      out[i + j] = (float)(products[j] - query->offset) * (slab->scales[slots[i + j]] * query->scale);
  }
}

FN_TARGET static void fine_scores(const fn_code_slab *slab, const fn_fine_query *query, const uint32_t *slots,
                                  size_t n, float *out) {
  const size_t stride = slab->code_stride, residual_stride = stride * FN_RESIDUAL_BITS / 8;
  for (size_t i = 0; i < n; i++) prefetch_row(slab->residuals + slots[i] * residual_stride, residual_stride);
  for (size_t i = 0; i < n; i++) {
    int64_t product = fine_dot(slab->codes + slots[i] * stride, slab->residuals + slots[i] * residual_stride,
                               query->values, stride);
    out[i] = (float)(product - query->offset) * (slab->scales[slots[i]] * query->scale);
  }
}

// The same as fn_code_query_of_row, fast.
FN_TARGET static inline fn_code_query query_of_row(const fn_code_slab *slab, uint32_t slot, int8_t *values) {
  const uint8_t *code = slab->codes + slot * slab->code_stride;
  int32_t sum = 0;
  for (size_t i = 0; i < slab->code_stride; i++) {
    values[i] = (int8_t)(code[i] ^ 0x80);
    sum += code[i];
  }
  return (fn_code_query){values, 128 * (sum - 128 * (int32_t)slab->code_stride), slab->scales[slot]};
}

static inline const uint32_t *row_of_slot(const fn_graph_level *level, uint32_t slot) {
  size_t row = level->row_of == NULL ? slot : fn_link_load(&level->row_of[slot]);
  return level->links + row * level->link_stride;
}

static inline void prefetch_links(const fn_graph_level *level, uint32_t slot) {
  const uint32_t *links = row_of_slot(level, slot);
  for (uint32_t at = 0; at < level->degree; at += 16) __builtin_prefetch(links + at, 0, 3);
}

FN_TARGET static uint32_t descend(const fn_graph_level *level, const fn_code_query *query, uint32_t entry,
                                  uint64_t *distances) {
  uint32_t slots[BATCH_MAX];
  float found[BATCH_MAX];
  scores(&level->slab, query, &entry, 1, found);
  uint64_t best = entry_of(found[0], entry);
  for (;;) {
    const uint32_t *links = row_of_slot(level, fn_entry_slot(best));
    size_t n = 0;
    for (uint32_t i = 0; i < level->degree; i++) {
      uint32_t slot = fn_link_load(&links[i]);
      if (slot < level->bound) slots[n++] = slot;
    }
    scores(&level->slab, query, slots, n, found);
    *distances += n;
    uint64_t better = best;
    for (size_t i = 0; i < n; i++) {
      uint64_t entry_here = entry_of(found[i], slots[i]);
      if (entry_here < better) better = entry_here;
    }
    if (better == best) return fn_entry_slot(best);
    best = better;
  }
}

// The place of an entry in a sorted list: how many are before it. Branches on the outcome would be guessed wrong.
FN_TARGET static inline size_t place_of(const uint64_t *list, size_t length, uint64_t entry) {
  size_t base = 0;
  while (length > COUNTED) {
    size_t half = length / 2;
    base += (size_t)(list[base + half - 1] < entry) * half;
    length -= half;
  }
  size_t before = 0;
  for (size_t i = 0; i < length; i++) before += list[base + i] < entry;
  return base + before;
}

static inline int bit(const uint64_t *words, uint32_t slot) {
  return (int)(fn_bits_load(&words[slot >> 6]) >> (slot & 63) & 1);
}

static inline int accepted(const fn_graph_accept *accept, uint32_t slot) {
  if (accept->alive != NULL && !bit(accept->alive, slot)) return 0;
  return accept->filter == NULL || (slot < accept->filter_bound && bit(accept->filter, slot));
}

static inline void forget_visited(fn_graph_scratch *scratch, size_t touched) {
  if (touched > scratch->touched_max) {
    memset(scratch->visited, 0, scratch->visited_words * sizeof(uint64_t));
    return;
  }
  for (size_t i = 0; i < touched; i++) scratch->visited[scratch->touched[i] >> 6] = 0;
}

FN_TARGET static size_t walk(const fn_graph_level *level, const fn_code_query *query, const fn_graph_accept *accept,
                             uint32_t entry, size_t ef, uint64_t distances_max, fn_graph_scratch *scratch) {
  uint64_t *const list = scratch->list;
  uint64_t *const visited = scratch->visited;
  const int all = accept->alive == NULL && accept->filter == NULL;
  uint32_t slots[BATCH_MAX + 1];  // one past the last is written before it is known to be none
  float found[BATCH_MAX];
  size_t length = 0, next = 0, kept = 0, touched = 0;
  uint64_t distances = 0, worst = UINT64_MAX;
  int gave_up = 0;

  slots[0] = entry;
  size_t n = 1;
  visited[entry >> 6] |= 1ull << (entry & 63);
  for (;;) {
    for (size_t i = 0; i < n; i++) {
      if (touched < scratch->touched_max) scratch->touched[touched] = slots[i];
      touched++;
    }
    scores(&level->slab, query, slots, n, found);
    distances += n;
    for (size_t i = 0; i < n; i++) {
      uint64_t here = entry_of(found[i], slots[i]);
      if (here >= worst) continue;
      if (all || accepted(accept, slots[i])) {
        here |= FN_ENTRY_ACCEPTED;
        kept++;
      }
      size_t place = place_of(list, length, here);
      memmove(&list[place + 1], &list[place], (length - place) * sizeof *list);
      list[place] = here;
      length++;
      if (place <= next + 1) prefetch_links(level, slots[i]);  // likely to be expanded soon
      if (place < next) next = place;
      if (kept > ef) {
        // One accepted entry too many: the last goes, and with it the rejected ones that nothing accepted follows.
        while (!(list[length - 1] & FN_ENTRY_ACCEPTED)) length--;
        length--;
        kept--;
      }
      if (kept == ef) {
        while (!(list[length - 1] & FN_ENTRY_ACCEPTED)) length--;
        worst = list[length - 1];
      }
      if (length + 1 >= scratch->list_max) {
        gave_up = 1;
        break;
      }
    }
    while (next < length && list[next] & FN_ENTRY_EXPANDED) next++;
    if (next >= length || gave_up) break;
    if (distances > distances_max) {
      gave_up = 1;
      break;
    }
    const uint32_t *links = row_of_slot(level, fn_entry_slot(list[next]));
    list[next] |= FN_ENTRY_EXPANDED;
    n = 0;
    for (uint32_t i = 0; i < level->degree; i++) {
      // Whether a slot was visited cannot be guessed: no branch hangs on it. Unknown slots look at slot 0 and change
      // nothing there.
      uint32_t slot = fn_link_load(&links[i]);
      uint64_t known = slot < level->bound;
      uint32_t looked = slot & (uint32_t)-known;
      uint64_t word = visited[looked >> 6], shift = looked & 63;
      visited[looked >> 6] = word | known << shift;
      slots[n] = slot;
      n += known & ~(word >> shift);
    }
    if (next + 1 < length) prefetch_links(level, fn_entry_slot(list[next + 1]));
  }
  forget_visited(scratch, touched);
  scratch->distances += distances;
  return gave_up ? SIZE_MAX : length;
}

FN_TARGET static size_t scan(const fn_code_slab *slab, const fn_code_query *query, const uint32_t *slots, size_t n,
                             uint64_t *list, size_t length, size_t keep) {
  float found[BATCH_MAX];
  for (size_t start = 0; start < n; start += BATCH_MAX) {
    size_t count = n - start < BATCH_MAX ? n - start : BATCH_MAX;
    scores(slab, query, slots + start, count, found);
    for (size_t i = 0; i < count; i++) {
      uint64_t here = entry_of(found[i], slots[start + i]) | FN_ENTRY_ACCEPTED;
      if (length == keep && here >= list[length - 1]) continue;
      size_t place = place_of(list, length, here);
      if (length == keep) length--;
      memmove(&list[place + 1], &list[place], (length - place) * sizeof *list);
      list[place] = here;
      length++;
    }
  }
  return length;
}

FN_TARGET static size_t choose(const fn_code_slab *slab, const uint64_t *candidates, size_t n, size_t limit,
                               int8_t *rows, uint32_t *chosen, uint64_t *distances) {
  const size_t stride = slab->code_stride;
  float scales[BATCH_MAX];
  int32_t offsets[BATCH_MAX];
  size_t count = 0;
  for (size_t i = 0; i < n && count < limit; i++) {
    const uint32_t slot = fn_entry_slot(candidates[i]);
    const float to_base = fn_entry_score(candidates[i]);
    const uint8_t *code = slab->codes + slot * stride;
    int nearer_to_chosen = 0;
    if (i + 2 < n) prefetch_row(slab->codes + fn_entry_slot(candidates[i + 2]) * stride, stride);
    for (size_t j = 0; j < count && !nearer_to_chosen; j += GROUP) {
      const int8_t *queries[GROUP];
      int32_t products[GROUP];
      size_t some = count - j < GROUP ? count - j : GROUP;
      for (size_t k = 0; k < GROUP; k++) queries[k] = rows + (j + (k < some ? k : 0)) * stride;
      dots_with4(code, queries, stride, products);
      for (size_t k = 0; k < some; k++)
        nearer_to_chosen |= (float)(products[k] - offsets[j + k]) * (slab->scales[slot] * scales[j + k]) > to_base;
      *distances += some;
    }
    if (nearer_to_chosen) continue;
    fn_code_query query = query_of_row(slab, slot, rows + count * stride);
    scales[count] = query.scale;
    offsets[count] = query.offset;
    chosen[count++] = slot;
  }
  return count;
}

const fn_graph_kernels FN_KERNELS = {scores, fine_scores, descend, walk, scan, choose};
