// Fonts for columns, whose letters hang below one another, where a page sets lines with them all the same.
#pragma once

#include <GfxFont.h>

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>

namespace {

// A font for columns as poppler is to take it where its letters stand side by side: as one for lines.
class LineFont final : public GfxFont {
 public:
  explicit LineFont(const GfxFont &of)
      : GfxFont(of.getTag().c_str(), *of.getID(), std::optional<std::string>(of.getName()), of.getType(),
                Ref::INVALID()) {
    flags = of.getFlags();
    weight = of.getWeight();
    ascent = of.getAscent();
    descent = of.getDescent();
    ok = true;
  }

  // Never asked: what is drawn is read with the font that it was written in.
  const CharCodeToUnicode *getToUnicode() const override { return nullptr; }
  int getNextChar(const char *, int, CharCode *, Unicode const **, int *, double *, double *, double *,
                  double *) const override {
    return 0;
  }
};

// How the letters of fonts for columns follow one another. Some programs set lines with them, a letter at a time.
class ColumnVotes {
 public:
  void count(double x, double y, double dx, double dy) {
    const double advance = std::hypot(dx, dy);
    if (advance > 0 && has_last) {
      const double along = ((x - last_x) * dx + (y - last_y) * dy) / (advance * advance);
      const double across = std::abs((x - last_x) * dy - (y - last_y) * dx) / (advance * advance);
      if (across < 0.2 && along > 0.3 && along < 2) in_columns += 1;
      if (std::abs(along) < 0.2 && across > 0.1 && across < 2) in_lines += 1;
    }
    last_x = x;
    last_y = y;
    has_last = true;
  }

  bool are_lines() const { return in_lines > in_columns; }

 private:
  uint32_t in_columns = 0, in_lines = 0;
  double last_x = 0, last_y = 0;
  bool has_last = false;
};

}  // namespace
