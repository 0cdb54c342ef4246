// What a level's links lead to, breadth first.
#include "graph.h"

size_t fn_graph_reach(const fn_graph_level *level, uint32_t entry, uint64_t *reached, uint32_t *queue) {
  size_t read = 0, written = 0;
  queue[written++] = entry;
  reached[entry >> 6] |= 1ull << (entry & 63);
  while (read < written) {
    uint32_t slot = queue[read++];
    size_t row = level->row_of == NULL ? slot : fn_link_load(&level->row_of[slot]);
    const uint32_t *links = level->links + row * level->link_stride;
    for (uint32_t i = 0; i < level->degree; i++) {
      uint32_t link = fn_link_load(&links[i]);
      if (link >= level->bound || reached[link >> 6] >> (link & 63) & 1) continue;
      reached[link >> 6] |= 1ull << (link & 63);
      queue[written++] = link;
    }
  }
  return written;
}
