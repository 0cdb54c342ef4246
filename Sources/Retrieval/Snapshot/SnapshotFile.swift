// The container of a snapshot: a header that names its sections, and the sections. Every byte of the file is covered by
// a SHA-256 of its section or of the header, padding must be zero and nothing may follow, so that no flip, cut or
// addition goes unnoticed. Knows nothing of what a section means.
//
//   magic 8 · version u32 · sections u32 · tag u64 · fingerprint (u32, UTF-8)
//   per section: name (u32, UTF-8) · offset u64 · length u64 · SHA-256 32
//   SHA-256 32 of all the above · zero padding · sections, each beginning on a multiple of 64
import Base

enum SnapshotFile {
  static let magic: [UInt8] = Array("FNINDEX\n".utf8)
  static let version: UInt32 = 1
  private static let alignment = 64
  private static let digestBytes = 32
  private static let sectionsMax = 64

  private struct Entry {
    var name: String
    var offset = 0
    var length = 0
    var digest = [UInt8](repeating: 0, count: digestBytes)
  }

  /// `tag` is what the caller calls this state; the core does not read it. Sections are written one after another as
  /// they come, the header last; a crash at any moment leaves the old file or the new one.
  static func write(
    path: String, tag: UInt64, fingerprint: String, sections: [(name: String, write: (SnapshotSink) -> Void)]
  ) throws(RetrievalFailure) {
    // The header's length does not depend on what it says of the sections.
    var entries = sections.map { Entry(name: $0.name) }
    let headerBytes = header(tag, fingerprint, entries).count
    let sink = try SnapshotSink(replacing: path)
    sink.append([UInt8](repeating: 0, count: headerBytes))
    for (index, section) in sections.enumerated() {
      sink.append([UInt8](repeating: 0, count: aligned(sink.position) - sink.position))
      entries[index].offset = sink.position
      sink.beginDigest()
      section.write(sink)
      entries[index].digest = sink.endDigest()
      entries[index].length = sink.position - entries[index].offset
    }
    try sink.finish(header: header(tag, fingerprint, entries))
  }

  private static func header(_ tag: UInt64, _ fingerprint: String, _ entries: [Entry]) -> [UInt8] {
    var writer = SnapshotWriter()
    for byte in magic { writer.put(byte) }
    writer.put(version)
    writer.put(UInt32(entries.count))
    writer.put(tag)
    writer.put(fingerprint)
    for entry in entries {
      writer.put(entry.name)
      writer.put(UInt64(entry.offset))
      writer.put(UInt64(entry.length))
      for byte in entry.digest { writer.put(byte) }
    }
    let digest = SHA256Digest(of: writer.bytes)
    for byte in digest.bytes { writer.put(byte) }
    return writer.bytes
  }

  private static func aligned(_ offset: Int) -> Int { (offset + alignment - 1) / alignment * alignment }

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
