// The hot loops of the vector graph: codes of vectors, their inner products, the walk over one level, the choice of
// neighbours. All arithmetic up to the last multiplication by a scale is in integers, so every instruction set gives
// the same bits. Nothing here allocates, and nothing here keeps state between calls.
//
// Concurrency: links and bitmaps are read with atomic loads, so a walk may run while a writer publishes links. A torn
// row is a row of valid slots. Codes and scales of a slot that a link can lead to are never written; who reuses a slot
// waits until every walk that might still see it has ended.
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "cpu.h"

enum {
  FN_CODE_BLOCK = 64,     // codes are padded to whole blocks of this many bytes
  FN_RESIDUAL_BITS = 2,   // what the residual adds to the 8 bits of a code
  FN_DIMENSION_MAX = 4096
};

// The empty place in a row of links.
#define FN_NO_LINK UINT32_MAX

// An entry of a candidate list sorts by falling score, then by slot: key of the score << 32 | slot << 2 | flags.
#define FN_ENTRY_EXPANDED 1u
#define FN_ENTRY_ACCEPTED 2u
#define FN_SLOT_MAX ((1u << 30) - 1)

// A vector as the left side of many products: signed bytes against the unsigned codes of a slab.
typedef struct {
  const int8_t *values;    // whole blocks, aligned to 64 bytes, zero past the dimension
  int32_t offset;          // 128 * sum(values): what the codes' own offset adds to each product
  float scale;
} fn_code_query;

// A vector at 16 bits, for products with code and residual together.
typedef struct {
  const int16_t *values;   // whole blocks, aligned to 64 bytes, zero past the dimension
  int64_t offset;          // what the offsets of code and residual add to each product
  float scale;
} fn_fine_query;

// The coded vectors, a row a slot.
typedef struct {
  const uint8_t *codes;      // code_stride bytes a row, whole blocks, aligned to 64 bytes
  const uint8_t *residuals;  // code_stride * FN_RESIDUAL_BITS / 8 bytes a row
  const float *scales;       // of the 8-bit code; the fine scale is a 2^FN_RESIDUAL_BITS th of it
  size_t code_stride;
} fn_code_slab;

// One level of the graph.
typedef struct {
  fn_code_slab slab;
  const uint32_t *links;    // link_stride places a row
  size_t link_stride;
  const uint32_t *row_of;   // the row of a slot; NULL where the slot is the row
  uint32_t degree;          // places to read in a row
  uint32_t bound;           // slots from here on are unknown to this walk and passed over
} fn_graph_level;

// Which slots may be results. Slots that may not are still walked through. NULL bits accept all.
typedef struct {
  const uint64_t *alive;
  const uint64_t *filter;
  uint32_t filter_bound;    // bits in filter; slots past it are refused
} fn_graph_accept;

typedef struct {
  uint64_t *visited;        // a bit a slot, all zero between calls
  size_t visited_words;
  uint32_t *touched;        // slots to clear in visited
  size_t touched_max;
  uint64_t *list;           // candidates, best first
  size_t list_max;
  uint64_t distances;       // counts on
} fn_graph_scratch;

typedef struct {
  // Products of the query with the rows of n slots, as scores.
  void (*scores)(const fn_code_slab *slab, const fn_code_query *query, const uint32_t *slots, size_t n, float *scores);

  // The same with code and residual: the best score that the index can tell.
  void (*fine_scores)(const fn_code_slab *slab, const fn_fine_query *query, const uint32_t *slots, size_t n,
                      float *scores);

  // From entry on, goes to the best neighbour until none is better.
  uint32_t (*descend)(const fn_graph_level *level, const fn_code_query *query, uint32_t entry, uint64_t *distances);

  // Best-first walk that keeps the ef best accepted slots and every rejected one before the last of them. Fills
  // scratch->list and returns its length; past distances_max products, or when the list is full, it gives up and
  // returns SIZE_MAX.
  size_t (*walk)(const fn_graph_level *level, const fn_code_query *query, const fn_graph_accept *accept, uint32_t entry,
                 size_t ef, uint64_t distances_max, fn_graph_scratch *scratch);

  // The rest of a scan: folds slots into a list of the `keep` best; returns its new length.
  size_t (*scan)(const fn_code_slab *slab, const fn_code_query *query, const uint32_t *slots, size_t n, uint64_t *list,
                 size_t length, size_t keep);

  // Of candidates (sorted, scored against the base) those that no chosen one is nearer to than the base is; at most
  // limit <= 256. rows holds limit * code_stride bytes, aligned to 64.
  size_t (*choose)(const fn_code_slab *slab, const uint64_t *candidates, size_t n, size_t limit, int8_t *rows,
                   uint32_t *chosen, uint64_t *distances);
} fn_graph_kernels;

// The kernels of one instruction set; the plain ones where this build or processor has no such set.
const fn_graph_kernels *fn_graph_kernels_for(fn_isa isa);

// Codes a vector: code (code_stride bytes), residual, scale. Values are finite.
void fn_code_encode(const float *vector, size_t dimension, size_t code_stride, uint8_t *code, uint8_t *residual,
                    float *scale);

// Makes a query of a vector; values holds code_stride bytes.
fn_code_query fn_code_query_of_vector(const float *vector, size_t dimension, size_t code_stride, int8_t *values);

// Makes a query of a coded row; values holds code_stride bytes.
fn_code_query fn_code_query_of_row(const fn_code_slab *slab, uint32_t slot, int8_t *values);

// values holds code_stride numbers.
fn_fine_query fn_fine_query_of_vector(const float *vector, size_t dimension, size_t code_stride, int16_t *values);

// The vector that code and residual stand for.
void fn_code_decode(const fn_code_slab *slab, uint32_t slot, size_t dimension, float *vector);

// Marks in reached (a bit a slot, zero at first) what links lead to from entry; queue has room for level->bound slots.
// Returns how many.
size_t fn_graph_reach(const fn_graph_level *level, uint32_t entry, uint64_t *reached, uint32_t *queue);

// Of the n slots those that are alive and have a link to one that is not; returns how many. hurt has room for n.
size_t fn_graph_hurt(const fn_graph_level *level, const uint64_t *alive, const uint32_t *slots, size_t n,
                     uint32_t *hurt);

uint64_t fn_entry_make(float score, uint32_t slot);
float fn_entry_score(uint64_t entry);
static inline uint32_t fn_entry_slot(uint64_t entry) { return (uint32_t)entry >> 2; }

// Links and bitmaps are shared between one writer and many readers: these are their only accessors.
static inline uint32_t fn_link_load(const uint32_t *place) { return __atomic_load_n(place, __ATOMIC_ACQUIRE); }
static inline void fn_link_store(uint32_t *place, uint32_t slot) { __atomic_store_n(place, slot, __ATOMIC_RELEASE); }
static inline uint64_t fn_bits_load(const uint64_t *word) { return __atomic_load_n(word, __ATOMIC_ACQUIRE); }
static inline void fn_bit_set(uint64_t *words, uint32_t slot) {
  __atomic_fetch_or(&words[slot >> 6], 1ull << (slot & 63), __ATOMIC_RELEASE);
}
static inline void fn_bit_clear(uint64_t *words, uint32_t slot) {
  __atomic_fetch_and(&words[slot >> 6], ~(1ull << (slot & 63)), __ATOMIC_RELEASE);
}
