// What a zip archive's two headers of each entry say of its size, compared. libzip believes the central directory and
// never looks at the header in front of the data; another reader does it the other way, and sees another file.
// Invariants: reads only inside the bytes; whatever is not understood (64-bit sizes, a split archive) is not judged.
// Must not: unpack, or decide what is read.

struct ZipDirectory {
  private let bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// True where the headers of an entry contradict each other, or entries lie on top of one another.
  var isContradictory: Bool {
    guard let end = endRecord(), let count = short(end + 10), let start = word(end + 16) else { return false }
    // These values say that the true ones are 64 bits wide and stand elsewhere.
    guard count != 0xFFFF, start != 0xFFFF_FFFF else { return false }
    var offset = start
    var places: [Range<Int>] = []
    for _ in 0..<count {
      guard word(offset) == 0x0201_4B50, let packed = word(offset + 20), let unpacked = word(offset + 24),
        let name = short(offset + 28), let extra = short(offset + 30), let comment = short(offset + 32),
        let local = word(offset + 42)
      else { return false }
      offset += 46 + name + extra + comment
      guard packed != 0xFFFF_FFFF, unpacked != 0xFFFF_FFFF, word(local) == 0x0403_4B50 else { continue }
      guard let data = dataStart(local) else { return true }
      if !localAgrees(local, packed: packed, unpacked: unpacked) { return true }
      places.append(local..<data + packed)
    }
    places.sort { $0.lowerBound < $1.lowerBound }
    return zip(places, places.dropFirst()).contains { $0.upperBound > $1.lowerBound }
  }

  /// An entry whose size was not known when its header was written has zeros there, and the truth behind the data.
  private func localAgrees(_ local: Int, packed: Int, unpacked: Int) -> Bool {
    guard let flags = short(local + 6), let ownPacked = word(local + 18), let ownUnpacked = word(local + 22) else {
      return false
    }
    if ownPacked == 0xFFFF_FFFF || ownUnpacked == 0xFFFF_FFFF { return true }
    if flags & 0x8 != 0, ownPacked == 0, ownUnpacked == 0 { return true }
    return ownPacked == packed && ownUnpacked == unpacked
  }

  private func dataStart(_ local: Int) -> Int? {
    guard let name = short(local + 26), let extra = short(local + 28) else { return nil }
    return local + 30 + name + extra
  }

  /// The record that ends the archive, before a comment of at most 64 KiB.
  private func endRecord() -> Int? {
    var offset = bytes.count - 22
    let last = max(0, offset - 0xFFFF)
    while offset >= last {
      if word(offset) == 0x0605_4B50 { return offset }
      offset -= 1
    }
    return nil
  }

  private func short(_ offset: Int) -> Int? {
    guard offset >= 0, offset + 2 <= bytes.count else { return nil }
    return Int(bytes[offset]) | Int(bytes[offset + 1]) << 8
  }

  private func word(_ offset: Int) -> Int? {
    guard let low = short(offset), let high = short(offset + 2) else { return nil }
    return low | high << 16
  }
}
