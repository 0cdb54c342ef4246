// Passes over a whole level: what links lead to, and which rows lead to removed slots.
#include "graph.h"

static inline int is_alive(const uint64_t *alive, uint32_t slot) {
  return (int)(fn_bits_load(&alive[slot >> 6]) >> (slot & 63) & 1);
}

static inline const uint32_t *row_of_slot(const fn_graph_level *level, uint32_t slot) {
  size_t row = level->row_of == NULL ? slot : fn_link_load(&level->row_of[slot]);
  return level->links + row * level->link_stride;
}

size_t fn_graph_hurt(const fn_graph_level *level, const uint64_t *alive, const uint32_t *slots, size_t n,
                     uint32_t *hurt) {
  size_t count = 0;
  for (size_t at = 0; at < n; at++) {
    if (!is_alive(alive, slots[at])) continue;
    const uint32_t *links = row_of_slot(level, slots[at]);
    int leads_to_dead = 0;
    for (uint32_t i = 0; i < level->degree; i++) {
      uint32_t link = fn_link_load(&links[i]);
      leads_to_dead |= link < level->bound && !is_alive(alive, link);
    }
    hurt[count] = slots[at];
    count += (size_t)leads_to_dead;
  }
  return count;
}

size_t fn_graph_reach(const fn_graph_level *level, uint32_t entry, uint64_t *reached, uint32_t *queue) {
  size_t read = 0, written = 0;
  queue[written++] = entry;
  reached[entry >> 6] |= 1ull << (entry & 63);
  while (read < written) {
    const uint32_t *links = row_of_slot(level, queue[read++]);
    for (uint32_t i = 0; i < level->degree; i++) {
      uint32_t link = fn_link_load(&links[i]);
      if (link >= level->bound || reached[link >> 6] >> (link & 63) & 1) continue;
      reached[link >> 6] |= 1ull << (link & 63);
      queue[written++] = link;
    }
  }
  return written;
}
