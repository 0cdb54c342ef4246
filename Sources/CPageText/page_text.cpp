// See CPageText.h. poppler's text device, which also notes what is drawn beside the text.
// Must not: let a C++ exception out, or call anything that runs, opens or fetches what the file asks for.
#include "CPageText.h"
#include "column_letters.h"

#include <Annot.h>
#include <Catalog.h>
#include <ErrorCodes.h>
#include <GfxFont.h>
#include <GfxState.h>
#include <GlobalParams.h>
#include <PDFDoc.h>
#include <Page.h>
#include <Stream.h>
#include <TextOutputDev.h>
#include <goo/GooString.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <ctime>
#include <map>
#include <memory>
#include <new>
#include <vector>

namespace {

// Past this many a page is a drawing, and its lines say nothing of its text.
constexpr size_t rules_max = 20'000;
// Thinner than this, a filled area is a drawn line; in points.
constexpr double line_width_max = 3.0;
constexpr double skew_max = 0.6;
constexpr int invisible_mode = 3;
// More are no page to be read, and fill the memory.
constexpr uint32_t glyphs_max = 1'000'000;
// Of a page's content as it is once it is unpacked. White space without end takes no step that could be counted.
constexpr double content_bytes_max = 128e6;
// The most that one filter makes of a byte: https://www.zlib.net/zlib_tech.html, 'Maximum Compression Factor'.
constexpr double packing_ratio_max = 1'032;
// So many steps are taken before the clock is looked at.
constexpr uint32_t steps_a_look = 64;

// Thrown through poppler, whose own question whether to go on (Gfx::go) is never asked within a form of ten operations,
// though forms within forms may be without end. What poppler held for the page is lost to the process.
struct Excess {};

double processor_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

// How large a stream of content may be, by what is packed and how often; nearly always far below the bound.
double largest(const Object &stream, size_t file_bytes) {
  const Object filter = stream.streamGetDict()->lookup("Filter"), length = stream.streamGetDict()->lookup("Length");
  const int filters = filter.isArray() ? filter.arrayGetLength() : filter.isNull() ? 0 : 1;
  // A length that is not told, or told wrong, is no more than the file.
  double bytes = length.isInt() && length.getInt() > 0 && filters < 2 ? length.getInt() : (double)file_bytes;
  for (int index = 0; index < std::min(filters, 4); index++) bytes *= packing_ratio_max;
  return bytes;
}

// The streams that a page's content is made of.
std::vector<Object> streams(const Object &content) {
  std::vector<Object> found;
  const int count = content.isArray() ? content.arrayGetLength() : 1;
  for (int index = 0; index < count; index++) {
    Object part = content.isArray() ? content.arrayGet(index) : content.copy();
    if (part.isStream()) found.push_back(std::move(part));
  }
  return found;
}

// Throws where the content of a page is more than anybody draws. Only what could be so much is unpacked to see.
void measure(const Object &content, size_t file_bytes, double end) {
  const std::vector<Object> parts = streams(content);
  double left = content_bytes_max, most = 0;
  for (const Object &part : parts) most += largest(part, file_bytes);
  if (most <= content_bytes_max) return;
  for (const Object &part : parts) {
    unsigned char piece[16'384];
    Stream *stream = part.getStream();
    stream->reset();
    for (int count = 1; count > 0;) {
      count = stream->doGetChars(sizeof piece, piece);
      left -= count;
      if (left < 0 || processor_seconds() > end) throw Excess();
    }
    stream->close();
  }
}

// Told by the outcome, not printed.
void ignore_error(ErrorCategory, Goffset, const char *) {}

bool is_right_to_left(Unicode c) {
  return (c >= 0x590 && c <= 0x8FF) || (c >= 0xFB1D && c <= 0xFDFF) || (c >= 0xFE70 && c <= 0xFEFE);
}

bool tells_nothing(const Unicode *u, int count) {
  if (count <= 0) return true;
  return std::all_of(u, u + count, [](Unicode c) { return c == 0xFFFD || (c < 0x20 && c != '\t') || c > 0x10FFFF; });
}

class PageDevice final : public TextOutputDev {
 public:
  struct Reading {
    bool leaves_out_invisible = false;
    // Fonts for columns are taken as fonts for lines.
    bool has_lines_only = false;
  };

  PageDevice(Reading reading, double seconds_max)
      : TextOutputDev(nullptr, false, 0, false, false), reading(reading), end(processor_seconds() + seconds_max) {}

  std::vector<fn_page_rule> rules;
  uint32_t glyphs = 0, invisible = 0, unmapped = 0;
  ColumnVotes columns;

  // A step of the page's content. Throws when it has had its share.
  void step() {
    if (glyphs > glyphs_max) throw Excess();
    if (steps++ % steps_a_look == 0 && processor_seconds() > end) throw Excess();
  }

  // poppler asks in the course of content that draws nothing.
  static bool has_enough(void *device) {
    static_cast<PageDevice *>(device)->step();
    return false;
  }

  // Every form begins with it.
  void saveState(GfxState *state) override {
    step();
    TextOutputDev::saveState(state);
  }

  void drawChar(GfxState *state, double x, double y, double dx, double dy, double originX, double originY, CharCode c,
                int nBytes, const Unicode *u, int uLen) override {
    step();
    glyphs += 1;
    if ((state->getRender() & 3) == invisible_mode) {
      invisible += 1;
      if (reading.leaves_out_invisible) return;
    }
    if (tells_nothing(u, uLen)) unmapped += 1;
    if (is_for_columns(state)) columns.count(x, y, dx, dy);
    const LineFontLoan loan(*this, state);
    if (loan.is_given) {
      char code[4] = {(char)(c >> 24), (char)(c >> 16), (char)(c >> 8), (char)c};
      const int bytes = std::clamp(nBytes, 1, 4);
      const double width = static_cast<const GfxCIDFont &>(*loan.own).getWidth(code + 4 - bytes, bytes);
      state->textTransformDelta(width * state->getFontSize() * state->getHorizScaling(), 0, &dx, &dy);
      // From the middle above the letter, where one in a column hangs, to its left on the line.
      x -= originX;
      y -= originY;
    }
    // poppler takes letters in the order of the page; the letters of one right-to-left glyph come in reading order.
    if (uLen > 1 && uLen <= 16 && std::all_of(u, u + uLen, is_right_to_left)) {
      Unicode turned[16];
      std::reverse_copy(u, u + uLen, turned);
      TextOutputDev::drawChar(state, x, y, dx, dy, originX, originY, c, nBytes, turned, uLen);
    } else {
      TextOutputDev::drawChar(state, x, y, dx, dy, originX, originY, c, nBytes, u, uLen);
    }
  }

  void updateFont(GfxState *state) override {
    const LineFontLoan loan(*this, state);
    TextOutputDev::updateFont(state);
  }

  void stroke(GfxState *state) override { each_side(state, false); }
  void fill(GfxState *state) override { each_side(state, true); }
  void eoFill(GfxState *state) override { each_side(state, true); }

 private:
  // A state has its font's sibling for lines as long as this lives, where that is how the page is read.
  struct LineFontLoan {
    LineFontLoan(PageDevice &device, GfxState *state)
        : state(state), is_given(device.reading.has_lines_only && is_for_columns(state)) {
      if (!is_given) return;
      own = state->getFont();
      state->setFont(device.line_font(own), state->getFontSize());
    }
    ~LineFontLoan() {
      if (is_given) state->setFont(own, state->getFontSize());
    }
    LineFontLoan(const LineFontLoan &) = delete;
    LineFontLoan &operator=(const LineFontLoan &) = delete;

    GfxState *const state;
    const bool is_given;
    std::shared_ptr<GfxFont> own;
  };

  const Reading reading;
  const double end;
  uint32_t steps = 0;
  // By the fonts that the page has; these are held, so that no other comes to lie where one was.
  std::map<std::shared_ptr<GfxFont>, std::shared_ptr<GfxFont>> line_fonts;

  static bool is_for_columns(const GfxState *state) {
    const GfxFont *font = state->getFont().get();
    return font && font->isCIDFont() && font->getWMode() == 1;
  }

  std::shared_ptr<GfxFont> line_font(const std::shared_ptr<GfxFont> &of) {
    std::shared_ptr<GfxFont> &made = line_fonts[of];
    if (!made) made = std::make_shared<LineFont>(*of);
    return made;
  }

  void each_side(GfxState *state, bool is_filled) {
    step();
    if (rules.size() >= rules_max) return;
    state->getClipBBox(&clip[0], &clip[1], &clip[2], &clip[3]);
    const GfxPath *path = state->getPath();
    for (int index = 0; index < path->getNumSubpaths(); index++) {
      const GfxSubpath *part = path->getSubpath(index);
      const int count = part->getNumPoints();
      if (count < 2 || count > 64) continue;
      double x[64], y[64];
      bool is_straight = true;
      for (int point = 0; point < count; point++) {
        state->transform(part->getX(point), part->getY(point), &x[point], &y[point]);
        is_straight = is_straight && !part->getCurve(point);
      }
      if (is_filled) {
        if (is_straight && count >= 4 && count <= 5) area(x, y, count);
        continue;
      }
      for (int point = 1; point < count; point++) {
        if (!part->getCurve(point) && !part->getCurve(point - 1)) line(x[point - 1], y[point - 1], x[point], y[point]);
      }
      if (part->isClosed() && is_straight) line(x[count - 1], y[count - 1], x[0], y[0]);
    }
  }

  void area(const double *x, const double *y, int count) {
    for (int point = 1; point < count; point++) {
      if (std::abs(x[point] - x[point - 1]) > skew_max && std::abs(y[point] - y[point - 1]) > skew_max) return;
    }
    const double left = *std::min_element(x, x + count), right = *std::max_element(x, x + count);
    const double top = *std::min_element(y, y + count), bottom = *std::max_element(y, y + count);
    const bool is_line = std::min(right - left, bottom - top) < line_width_max;
    add(left, top, right, bottom, is_line ? fn_rule_line : fn_rule_area);
  }

  void line(double x0, double y0, double x1, double y1) {
    if (std::abs(x1 - x0) > skew_max && std::abs(y1 - y0) > skew_max) return;
    add(std::min(x0, x1), std::min(y0, y1), std::max(x0, x1), std::max(y0, y1), fn_rule_line);
  }

  void add(double left, double top, double right, double bottom, uint32_t kind) {
    left = std::max(left, clip[0]);
    top = std::max(top, clip[1]);
    right = std::min(right, clip[2]);
    bottom = std::min(bottom, clip[3]);
    // The comparison also turns away what is no number.
    if (!(right >= left && bottom >= top) || !(std::max(right - left, bottom - top) > 1)) return;
    if (rules.size() < rules_max) rules.push_back({(float)left, (float)top, (float)right, (float)bottom, kind});
  }

  double clip[4] = {0, 0, 0, 0};
};

// Fonts by their names, as there is seldom a flag.
uint8_t style(const TextFontInfo *font) {
  uint8_t flags = 0;
  if (font->isItalic()) flags |= fn_word_italic;
  if (font->isFixedWidth()) flags |= fn_word_fixed;
  bool is_bold = font->isBold();
  if (const GooString *name = font->getFontName()) {
    for (const char *mark : {"Bold", "bold", "BOLD", "Black", "Heavy", "Demi"}) {
      is_bold = is_bold || std::strstr(name->c_str(), mark);
    }
    for (const char *mark : {"Italic", "italic", "Oblique"}) {
      if (std::strstr(name->c_str(), mark)) flags |= fn_word_italic;
    }
  }
  return is_bold ? flags | fn_word_bold : flags;
}

}  // namespace

struct fn_page_reader {
  GlobalParamsIniter parameters{ignore_error};
  std::unique_ptr<PDFDoc> document;
  std::vector<uint32_t> characters;
  std::vector<fn_page_extent> extents;
  std::vector<fn_page_word> words;
  std::vector<fn_page_line> lines;
  std::vector<fn_page_rule> rules;
  fn_page page{};
  double seconds_max = 0;
  size_t file_bytes = 0;
  bool is_excessive = false;

  void display(PageDevice &device, int number) {
    document->displayPage(&device, number, 72, 72, 0, false, true, false, PageDevice::has_enough, &device);
  }

  void gather(const TextPage &text) {
    uint32_t block_number = 0;
    const TextFontInfo *last_font = nullptr;
    uint8_t last_style = 0;
    for (const TextFlow *flow = text.getFlows(); flow; flow = flow->getNext()) {
      for (const TextBlock *block = flow->getBlocks(); block; block = block->getNext()) {
        for (const TextLine *line = block->getLines(); line; line = line->getNext()) {
          const auto first = (uint32_t)words.size();
          for (const TextWord *word = line->getWords(); word; word = word->getNext()) {
            if (word->getLength() <= 0) continue;
            double left, top, right, bottom;
            word->getBBox(&left, &top, &right, &bottom);
            if (word->getFontInfo(0) != last_font) {
              last_font = word->getFontInfo(0);
              last_style = style(last_font);
            }
            const uint8_t space = word->hasSpaceAfter() ? fn_word_space_after : 0;
            words.push_back({(float)left, (float)top, (float)right, (float)bottom, (float)word->getFontSize(),
                             (uint32_t)characters.size(), (uint32_t)word->getLength(), (uint8_t)word->getRotation(),
                             (uint8_t)(last_style | space)});
            const Unicode *text_start = word->getChar(0);
            characters.insert(characters.end(), text_start, text_start + word->getLength());
            for (int index = 0; index < word->getLength(); index++) {
              const auto one = (float)word->getEdge(index), two = (float)word->getEdge(index + 1);
              extents.push_back({std::min(one, two), std::max(one, two)});
            }
          }
          const auto count = (uint32_t)words.size() - first;
          if (count > 0) lines.push_back({first, count, block_number});
        }
        block_number += 1;
      }
    }
  }

  void take(PageDevice &device) {
    if (TextPage *text = device.takeText()) {
      gather(*text);
      text->decRefCnt();
    }
  }

  const fn_page *read(int number) {
    characters.clear();
    extents.clear();
    words.clear();
    lines.clear();
    is_excessive = false;
    Page *source = document->getPage(number);
    if (!source || !source->isOk()) return nullptr;
    measure(source->getContents(), file_bytes, processor_seconds() + seconds_max);
    PageDevice device({}, seconds_max);
    display(device, number);
    // Rare: only now is it known that what is seen prevails, or that letters for columns stand in lines.
    const bool is_seen = device.invisible > 0 && device.invisible < device.glyphs - device.invisible;
    const bool has_lines_only = device.columns.are_lines();
    const uint32_t left_out = is_seen ? device.invisible : 0;
    if (is_seen || has_lines_only) {
      PageDevice again({is_seen, has_lines_only}, seconds_max);
      display(again, number);
      take(again);
    } else {
      take(device);
    }
    rules.swap(device.rules);
    const bool is_turned = source->getRotate() % 180 != 0;
    const double width = source->getCropWidth(), height = source->getCropHeight();
    const Object annotations = source->getAnnotsObject();
    page = {characters.data(), extents.data(), characters.size(), words.data(), words.size(), lines.data(), lines.size(),
            rules.data(), rules.size(), is_turned ? height : width, is_turned ? width : height, device.glyphs,
            device.invisible, device.unmapped, left_out, (uint8_t)(annotations.isArray() && annotations.arrayGetLength() > 0)};
    return &page;
  }
};

extern "C" {

fn_page_reader *fn_page_open(const uint8_t *bytes, size_t count, double page_seconds, int *status) try {
  auto reader = std::make_unique<fn_page_reader>();
  reader->seconds_max = page_seconds;
  reader->file_bytes = count;
  // The document owns its stream, whatever becomes of it.
  auto *stream = new MemStream(reinterpret_cast<const char *>(bytes), 0, (Goffset)count, Object(objNull));
  reader->document = std::make_unique<PDFDoc>(stream);
  if (!reader->document->isOk()) {
    *status = reader->document->getErrorCode() == errEncrypted ? fn_page_encrypted : fn_page_damaged;
    return nullptr;
  }
  *status = fn_page_opened;
  return reader.release();
} catch (...) {
  *status = fn_page_damaged;
  return nullptr;
}

void fn_page_close(fn_page_reader *reader) { delete reader; }

int fn_page_count(const fn_page_reader *reader) { return reader->document->getNumPages(); }

const fn_page *fn_page_read(fn_page_reader *reader, int number) try {
  return reader->read(number);
} catch (const Excess &) {
  reader->is_excessive = true;
  return nullptr;
} catch (const std::bad_alloc &) {
  reader->is_excessive = true;
  return nullptr;
} catch (...) {
  return nullptr;
}

int fn_page_was_excessive(const fn_page_reader *reader) { return reader->is_excessive; }
}
