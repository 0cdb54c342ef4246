// Packs the units of an outline into chunks.
// Invariants: see Chunker.swift. A heading stays with what follows it; an overlap never reaches over a heading. Where a
// chunk ends follows from the text around the place and not from what lies far before it, so after an edit the chunks
// are soon the same as they were, and keep their vectors.
// Must not: count tokens: every unit knows its own.
import Base
import Text

struct ChunkPacker {
  struct Packed {
    var range: Range<Int>
    var section: Int
    var prefix: String
  }

  /// A place where a chunk may end.
  private struct Candidate {
    var index: Int
    /// The lowest is taken: the start of a paragraph before the start of a sentence, and among equals the one that
    /// chance, drawn from the words there, prefers.
    var rank: (Int, UInt64)
  }

  private let outline: Outline
  private let text: ScalarText
  private let options: ChunkingOptions
  private var packed: [Packed] = []
  private var first = 0
  private var tokens = 0
  private var best: Candidate?

  init(_ outline: Outline, of text: ScalarText, options: ChunkingOptions) {
    self.outline = outline
    self.text = text
    self.options = options
  }

  mutating func pack() -> [Packed] {
    let units = outline.units
    var index = 0
    while index < units.count {
      if index > first {
        if let end = endOfChunk(before: index) {
          flush(upTo: end)
          begin(at: end)
          index = end
        } else if tokens >= options.tokensMin {
          consider(index)
        }
      }
      tokens += units[index].tokens
      index += 1
    }
    flush(upTo: units.count)
    return packed
  }

  /// Where the chunk ends that the unit at `index` does not belong to; nil while it goes on.
  private func endOfChunk(before index: Int) -> Int? {
    let unit = outline.units[index]
    let previous = outline.units[index - 1]
    if previous.isTorn { return index }
    if unit.isHeading, !previous.isHeading, tokens >= options.tokensTarget / 8 { return index }
    let limit = min(room(from: first), previous.isHeading ? Int.max : options.tokensFull)
    guard tokens + unit.tokens > limit else { return nil }
    return best?.index ?? index
  }

  private mutating func consider(_ index: Int) {
    let unit = outline.units[index]
    guard !outline.units[index - 1].isHeading else { return }
    let candidate = Candidate(index: index, rank: (unit.opensParagraph || unit.isHeading ? 0 : 1, digest(of: unit)))
    if best.map({ candidate.rank < $0.rank }) ?? true { best = candidate }
  }

  private func digest(of unit: Outline.Unit) -> UInt64 {
    let words = text.utf8Slice(unit.start..<unit.end)
    var random = SeededRandom(seed: words.reduce(0) { $0 &* 0x100_0000_01B3 &+ UInt64($1) })
    return random.next()
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
    best = nil
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
