// Packs the units of an outline into chunks.
// Invariants: see Chunker.swift. A heading stays with what follows it; an overlap never reaches over a heading.
// Must not: count tokens: every unit knows its own.

struct ChunkPacker {
  struct Packed {
    var range: Range<Int>
    var section: Int
    var prefix: String
  }

  private let outline: Outline
  private let options: ChunkingOptions
  private var packed: [Packed] = []
  private var first = 0
  private var tokens = 0

  init(outline: Outline, options: ChunkingOptions) {
    self.outline = outline
    self.options = options
  }

  mutating func pack() -> [Packed] {
    let units = outline.units
    for index in units.indices {
      if index > first, endsChunk(before: index) {
        flush(upTo: index)
        begin(at: index)
      }
      tokens += units[index].tokens
    }
    flush(upTo: units.count)
    return packed
  }

  private func endsChunk(before index: Int) -> Bool {
    let unit = outline.units[index]
    let previous = outline.units[index - 1]
    if previous.isTorn || tokens + unit.tokens > room(from: first) { return true }
    if unit.isHeading { return !previous.isHeading && tokens >= options.tokensTarget / 8 }
    if previous.isHeading { return false }
    let full = tokens + unit.tokens > options.tokensTarget
    return full || (unit.opensParagraph && tokens * 5 >= options.tokensTarget * 4)
  }

  private func room(from unit: Int) -> Int {
    options.tokensMax - prefixes(from: unit).reduce(0) { $0 + $1.tokens }
  }

  /// What a chunk that begins at a unit is told before its text.
  private func prefixes(from index: Int) -> [Outline.Prefix] {
    let unit = outline.units[index]
    let section = outline.sections[unit.section]
    if unit.isHeading { return [section.outerPrefix] }
    guard let table = unit.table, !unit.isTableHeader else { return [section.prefix] }
    return [section.prefix, outline.tableHeaders[table]]
  }

  /// Headings in a row belong to the last of them, as far as the chunk holds them.
  private func section(of range: Range<Int>) -> Int {
    let last = range.prefix(8).prefix { outline.units[$0].isHeading }.last ?? range.lowerBound
    return outline.units[last].section
  }

  /// Begins a chunk at a unit, and as much before it as the overlap allows.
  private mutating func begin(at index: Int) {
    let units = outline.units
    let earliest = first + 1
    first = index
    tokens = 0
    guard !units[index].isHeading, !units[index - 1].isTorn else { return }
    var start = index
    var overlap = 0
    while start > earliest {
      let unit = units[start - 1]
      guard !unit.isHeading, !unit.isTorn, unit.section == units[index].section, unit.table == units[index].table,
        !unit.isTableHeader, overlap + unit.tokens <= options.overlapTokens,
        overlap + unit.tokens + units[index].tokens <= room(from: start - 1)
      else { break }
      overlap += unit.tokens
      start -= 1
    }
    first = start
    tokens = overlap
  }

  private mutating func flush(upTo end: Int) {
    guard first < end else { return }
    let units = outline.units
    packed.append(
      Packed(
        range: units[first].start..<units[end - 1].end, section: section(of: first..<end),
        prefix: prefixes(from: first).map(\.text).joined()))
  }
}
