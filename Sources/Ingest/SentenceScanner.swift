// Where sentences end, for cutting chunks at them. A missed boundary costs a little balance, a false one splits a
// sentence over two chunks; so where it is unclear there is none.
// Invariants: linear time; boundaries rise; the last is the end.
// Must not: serve as linguistics for anything but cutting.

enum SentenceScanner {
  /// Byte offsets at which a sentence with the white space after it ends.
  static func ends(in utf8: ArraySlice<UInt8>) -> [Int] {
    var ends: [Int] = []
    var index = utf8.startIndex
    var wordStart = index
    while index < utf8.endIndex {
      let byte = utf8[index]
      if isBlank(byte) {
        wordStart = index + 1
        index += 1
      } else if byte == 0x2E || byte == 0x21 || byte == 0x3F {
        let mark = index
        index = skipClosing(utf8, from: index + 1)
        guard index < utf8.endIndex, isBlank(utf8[index]) else { continue }
        let next = skipBlanks(utf8, from: index)
        let isEnd = byte != 0x2E || !isAbbreviation(utf8[wordStart..<mark])
        if isEnd, next < utf8.endIndex, canBegin(utf8[next]) { ends.append(next) }
      } else if byte >= 0xC2, let length = wideStop(utf8, at: index) {
        index = skipBlanks(utf8, from: skipClosing(utf8, from: index + length))
        if index < utf8.endIndex { ends.append(index) }
      } else {
        index += 1
      }
    }
    ends.append(utf8.endIndex)
    return ends
  }

  /// 。！？ ؟ ।: stops that need no space after them.
  private static func wideStop(_ utf8: ArraySlice<UInt8>, at index: Int) -> Int? {
    let rest = utf8[index...].prefix(3)
    let stops: [[UInt8]] = [
      [0xE3, 0x80, 0x82], [0xEF, 0xBC, 0x81], [0xEF, 0xBC, 0x9F], [0xD8, 0x9F], [0xE0, 0xA5, 0xA4],
    ]
    return stops.first { rest.starts(with: $0) }?.count
  }

  private static func skipClosing(_ utf8: ArraySlice<UInt8>, from start: Int) -> Int {
    var index = start
    while index < utf8.endIndex {
      switch utf8[index] {
      case 0x22, 0x27, 0x29, 0x5D, 0x2E, 0x21, 0x3F: index += 1
      case 0xE2 where utf8[index...].starts(with: [0xE2, 0x80, 0x9D]): index += 3
      case 0xE3 where utf8[index...].starts(with: [0xE3, 0x80, 0x8D]): index += 3
      default: return index
      }
    }
    return index
  }

  private static func skipBlanks(_ utf8: ArraySlice<UInt8>, from start: Int) -> Int {
    var index = start
    while index < utf8.endIndex, isBlank(utf8[index]) { index += 1 }
    return index
  }

  private static func canBegin(_ byte: UInt8) -> Bool { !(byte >= 0x61 && byte <= 0x7A) }

  private static func isAbbreviation(_ word: ArraySlice<UInt8>) -> Bool {
    let bare = word.drop { $0 == 0x28 || $0 == 0x22 }
    // An initial, or the number of an item: 'J.', '12.'.
    if bare.count == 1 { return true }
    if bare.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) { return bare.count <= 2 }
    guard bare.count <= 5 else { return false }
    return abbreviations.contains(String(decoding: bare, as: UTF8.self).lowercased())
  }

  private static let abbreviations: Set<String> = [
    "mr", "mrs", "ms", "dr", "prof", "st", "no", "nos", "vs", "etc", "e.g", "i.e", "cf", "fig", "sec", "art", "inc",
    "ltd", "corp", "co", "jr", "sr", "approx", "p", "pp", "vol", "ed", "al", "bzw", "z.b", "nr", "u.s",
  ]
}
