// A page's words, lines and ruling lines, gathered in one reading of its content. poppler-glib has no call for ruling
// lines, invisible text or the direction of writing, and takes three passes for text, boxes and fonts; an output device
// of our own takes one. Known by the room Ingest only.
// Invariants: whatever a page gives belongs to the reader and holds until its next page or its end; every index lies
// within its array; coordinates are points from the top left of the page as it is shown.
#ifndef CPAGETEXT_H
#define CPAGETEXT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct fn_page_reader fn_page_reader;

enum { fn_page_opened = 0, fn_page_damaged = 1, fn_page_encrypted = 2 };

enum {
  fn_word_bold = 1,
  fn_word_italic = 2,
  fn_word_fixed = 4,
  // A space, or a gap as wide as one, before the next word of the line.
  fn_word_space_after = 8,
};

// Letters that stand together in one font.
typedef struct {
  float left, top, right, bottom;
  float font_size;
  // Of `fn_page.characters`, in the order of the page: from left to right, whatever the script.
  uint32_t first, count;
  // Quarter turns clockwise from upright: 1 runs down the page, 3 up.
  uint8_t rotation;
  uint8_t flags;
} fn_page_word;

typedef struct {
  float low, high;
} fn_page_extent;

// Words side by side; lines come in reading order.
typedef struct {
  uint32_t first, count;
  // Lines of one number belong together: a paragraph, or a column of a table.
  uint32_t block;
} fn_page_line;

enum { fn_rule_line = 0, fn_rule_area = 1 };

// A straight line across or down the page (one of its sides is near 0), or a filled area.
typedef struct {
  float left, top, right, bottom;
  uint32_t kind;
} fn_page_rule;

typedef struct {
  const uint32_t *characters;
  // Where each character begins along its word's direction, and where it ends: x where the word runs across the page, y
  // where it runs up or down.
  const fn_page_extent *extents;
  size_t character_count;
  const fn_page_word *words;
  size_t word_count;
  const fn_page_line *lines;
  size_t line_count;
  const fn_page_rule *rules;
  size_t rule_count;
  double width, height;
  // Of all glyphs drawn: those drawn in the mode that leaves no ink, and those whose font tells no character.
  uint32_t glyphs, invisible_glyphs, unmapped_glyphs;
  // Invisible ones that are not among `words`: fewer than half of the page's, so no text layer over a scan.
  uint32_t left_out_glyphs;
  uint8_t has_annotations;
} fn_page;

// The bytes must live as long as the reader; a page may take so much processor time. NULL with the status when the file
// cannot be opened.
fn_page_reader *fn_page_open(const uint8_t *bytes, size_t count, double page_seconds, int *status);
void fn_page_close(fn_page_reader *reader);

int fn_page_count(const fn_page_reader *reader);

// Pages count from 1. NULL where the page cannot be read; others still can.
const fn_page *fn_page_read(fn_page_reader *reader, int number);

// Whether the page that was just not read was given up: it takes too long, or draws more than a page to be read does.
int fn_page_was_excessive(const fn_page_reader *reader);

#ifdef __cplusplus
}
#endif
#endif
