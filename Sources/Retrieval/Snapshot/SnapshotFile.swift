// The container of a snapshot: a header that names its sections, and the sections. Every byte of the file is covered by
// a SHA-256 of its section or of the header, padding must be zero and nothing may follow, so that no flip, cut or
// addition goes unnoticed. Knows nothing of what a section means.
//
//   magic 8 · version u32 · sections u32 · tag u64 · fingerprint (u32, UTF-8)
//   per section: name (u32, UTF-8) · offset u64 · length u64 · SHA-256 32
//   SHA-256 32 of all the above · zero padding · sections, each beginning on a multiple of 64
import Base

struct SnapshotFile {
  static let magic: [UInt8] = Array("FNINDEX\n".utf8)
  static let version: UInt32 = 1
  private static let alignment = 64
  private static let digestBytes = 32
  private static let sectionsMax = 64

  /// What the caller calls this state; the core does not read it.
  var tag: UInt64
  var fingerprint: String
  var sections: [(name: String, bytes: [UInt8])]

  func write(to path: String) throws(RetrievalFailure) {
    try replaceFile(at: path, with: pieces())
  }

  private func pieces() -> [[UInt8]] {
    // Offsets depend on the header's length, which does not depend on the offsets.
    let headerBytes = header(offsets: sections.map { _ in 0 }).count
    var offsets: [Int] = []
    var end = headerBytes
    for section in sections {
      offsets.append(Self.aligned(end))
      end = Self.aligned(end) + section.bytes.count
    }
    var pieces = [header(offsets: offsets)]
    var position = headerBytes
    for (section, offset) in zip(sections, offsets) {
      pieces.append([UInt8](repeating: 0, count: offset - position))
      pieces.append(section.bytes)
      position = offset + section.bytes.count
    }
    return pieces
  }

  private func header(offsets: [Int]) -> [UInt8] {
    var writer = SnapshotWriter()
    for byte in Self.magic { writer.put(byte) }
    writer.put(Self.version)
    writer.put(UInt32(sections.count))
    writer.put(tag)
    writer.put(fingerprint)
    for (section, offset) in zip(sections, offsets) {
      writer.put(section.name)
      writer.put(UInt64(offset))
      writer.put(UInt64(section.bytes.count))
      for byte in SHA256Digest(of: section.bytes).bytes { writer.put(byte) }
    }
    let digest = SHA256Digest(of: writer.bytes)
    for byte in digest.bytes { writer.put(byte) }
    return writer.bytes
  }

  private static func aligned(_ offset: Int) -> Int { (offset + alignment - 1) / alignment * alignment }

  private struct Entry {
    var name: String
    var offset: Int
    var length: Int
    var digest: [UInt8]
  }

  /// Verifies the whole file, then lends each section's reader by name.
  static func read<Result>(
    path: String, expecting fingerprint: String,
    _ body: (_ tag: UInt64, _ section: (String) throws(RetrievalFailure) -> SnapshotReader)
      throws(RetrievalFailure)
      -> Result
  ) throws(RetrievalFailure) -> Result {
    let file = try MappedFile(path: path)
    return try unsafe file.withBytes { bytes throws(RetrievalFailure) in
      var reader = unsafe SnapshotReader(bytes, section: "header")
      for byte in magic where try reader.take(UInt8.self) != byte { throw reader.damaged }
      let version: UInt32 = try reader.take()
      let sectionCount: UInt32 = try reader.take()
      let tag: UInt64 = try reader.take()
      // The version decides how the rest is read, so a foreign one cannot be told from a damaged one.
      guard version == Self.version else { throw .snapshotVersion(found: version) }
      guard sectionCount <= sectionsMax else { throw reader.damaged }
      let found = try reader.takeText()
      var entries: [Entry] = []
      var headerBytes = magic.count + 4 + 4 + 8 + 4 + found.utf8.count
      for _ in 0..<sectionCount {
        let name = try reader.takeText()
        let offset: UInt64 = try reader.take()
        let length: UInt64 = try reader.take()
        var digest: [UInt8] = []
        for _ in 0..<digestBytes { digest.append(try reader.take()) }
        guard offset <= UInt64(bytes.count), length <= UInt64(bytes.count) else { throw reader.damaged }
        entries.append(Entry(name: name, offset: Int(offset), length: Int(length), digest: digest))
        headerBytes += 4 + name.utf8.count + 8 + 8 + digestBytes
      }
      var digest: [UInt8] = []
      for _ in 0..<digestBytes { digest.append(try reader.take()) }
      let header = unsafe UnsafeRawBufferPointer(rebasing: bytes[..<headerBytes])
      guard unsafe SHA256Digest(of: header).bytes == digest else { throw reader.damaged }
      try unsafe verify(entries, in: bytes, after: headerBytes + digestBytes)
      guard found == fingerprint else { throw .snapshotFingerprint(expected: fingerprint, found: found) }
      return try body(tag) { name throws(RetrievalFailure) in
        guard let entry = entries.first(where: { $0.name == name }) else {
          throw .snapshotDamaged(section: name)
        }
        return unsafe SnapshotReader(
          UnsafeRawBufferPointer(rebasing: bytes[entry.offset..<entry.offset + entry.length]), section: name)
      }
    }
  }

  @unsafe private static func verify(
    _ entries: [Entry], in bytes: UnsafeRawBufferPointer, after headerEnd: Int
  ) throws(RetrievalFailure) {
    var position = headerEnd
    for entry in entries {
      guard entry.offset == aligned(position), entry.length <= bytes.count - entry.offset else {
        throw .snapshotDamaged(section: entry.name)
      }
      let padding = unsafe bytes[position..<entry.offset]
      let content = unsafe UnsafeRawBufferPointer(rebasing: bytes[entry.offset..<entry.offset + entry.length])
      guard unsafe padding.allSatisfy({ $0 == 0 }), unsafe SHA256Digest(of: content).bytes == entry.digest
      else {
        throw .snapshotDamaged(section: entry.name)
      }
      position = entry.offset + entry.length
    }
    guard position == bytes.count else { throw .snapshotDamaged(section: "end") }
  }
}
