// A zip archive in memory, read through libzip. Owns the zip_t and keeps the bytes alive for it.
// Invariants: entries are only ever read into memory, so a name that climbs out of the archive reaches nothing; what is
// unpacked is counted against `Limits` as it comes, never believed from the headers, and headers that lie are refused.
// Must not: write, or follow a name anywhere but into this archive.
import Base
import CZip

/// Safe: `handle` is made in `init`, closed once in `deinit`, and never leaves the type; `storage` is allocated before
/// and freed after it, and libzip reads it without taking it over.
@safe final class ZipArchive {
  private let handle: OpaquePointer
  private let storage: UnsafeMutableBufferPointer<UInt8>
  private let failureCode: IngestFailure.Code
  private let indexByName: [String: UInt64]
  let names: [String]
  private var unpackedBytes = 0

  /// Past this size an entry may not have been packed tighter than `ratioMax`: honest text stays below 100.
  private static let ratioCheckedFromBytes = 4 << 20
  private static let ratioMax = 400

  init(_ bytes: [UInt8], claimedAs format: DocumentFormat) throws {
    let code: IngestFailure.Code = format == .docx ? .damagedDOCX : .damagedArchive
    let storage = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
    _ = unsafe storage.initialize(from: bytes)
    var error = unsafe zip_error_t()
    // The source is freed by zip_discard; on failure it is ours:
    // https://libzip.org/documentation/zip_open_from_source.html
    let source = unsafe zip_source_buffer_create(storage.baseAddress, UInt64(bytes.count), 0, &error)
    guard let source = unsafe source, let opened = unsafe zip_open_from_source(source, ZIP_RDONLY, &error) else {
      if let source = unsafe source { unsafe zip_source_free(source) }
      unsafe zip_error_fini(&error)
      unsafe storage.deallocate()
      throw IngestFailure(code, "the file is a damaged zip archive", hint: "make the file again and add it")
    }
    let count = unsafe zip_get_num_entries(opened, 0)
    var names: [String] = []
    var indexByName: [String: UInt64] = [:]
    var duplicate = false
    if count <= Limits.zipEntriesMax {
      for index in 0..<UInt64(max(count, 0)) {
        guard let name = unsafe zip_get_name(opened, index, 0).map({ unsafe String(cString: $0) }) else { continue }
        names.append(name)
        duplicate = indexByName.updateValue(index, forKey: name) != nil || duplicate
      }
    }
    unsafe handle = opened
    unsafe self.storage = storage
    failureCode = code
    self.names = names
    self.indexByName = indexByName
    // From here on deinit cleans up.
    guard count <= Limits.zipEntriesMax else {
      throw IngestFailure(.zipBomb, "the archive has \(count) entries, more than \(Limits.zipEntriesMax)")
    }
    guard !duplicate else {
      throw IngestFailure(code, "the archive holds two entries of the same name, so what it says is ambiguous")
    }
    if ZipDirectory(bytes).isContradictory { throw lying() }
  }

  deinit {
    unsafe zip_discard(handle)
    unsafe storage.deallocate()
  }

  func contains(_ name: String) -> Bool { indexByName[name] != nil }

  /// The entry unpacked, piece by piece, into `consume`; false where there is no such entry.
  func read(_ name: String, into consume: (UnsafeRawBufferPointer) throws -> Void) throws -> Bool {
    guard let index = indexByName[name] else { return false }
    var status = unsafe zip_stat_t()
    guard unsafe zip_stat_index(handle, index, 0, &status) == 0 else { throw damaged(name) }
    if unsafe status.encryption_method != UInt16(ZIP_EM_NONE) {
      throw IngestFailure(
        .archiveEncrypted, "the archive is protected by a password", hint: "unpack it and add the files")
    }
    guard let file = unsafe zip_fopen_index(handle, index, 0) else { throw damaged(name) }
    defer { unsafe zip_fclose(file) }
    let packedBytes = unsafe Int(clamping: status.comp_size)
    let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
    defer { unsafe piece.deallocate() }
    var entryBytes = 0
    while true {
      let got = unsafe zip_fread(file, piece.baseAddress, UInt64(piece.count))
      if got == 0 {
        let isTold = unsafe status.valid & UInt64(ZIP_STAT_SIZE) != 0
        if isTold, unsafe status.size != UInt64(entryBytes) { throw lying() }
        return true
      }
      guard got > 0 else { throw damaged(name) }
      entryBytes += Int(got)
      unpackedBytes += Int(got)
      try check(entryBytes: entryBytes, packedBytes: packedBytes)
      unsafe try consume(UnsafeRawBufferPointer(start: piece.baseAddress, count: Int(got)))
    }
  }

  func bytes(of name: String) throws -> [UInt8]? {
    var content: [UInt8] = []
    let found = unsafe try read(name) { unsafe content.append(contentsOf: $0) }
    return found ? content : nil
  }

  /// Streams an entry through a handler; false where there is no such entry.
  func parse(_ name: String, with handler: any XMLEventHandler, damage: IngestFailure.Code) throws -> Bool {
    let parser = try XMLEventParser(handler: handler, damage: damage)
    guard try unsafe read(name, into: { unsafe try parser.feed($0) }) else { return false }
    try parser.finish()
    return true
  }

  private func check(entryBytes: Int, packedBytes: Int) throws {
    if unpackedBytes > Limits.unpackedBytesMax {
      throw IngestFailure(.zipBomb, "the archive unpacks to more than \(Limits.unpackedBytesMax >> 20) MiB")
    }
    if entryBytes > Self.ratioCheckedFromBytes, entryBytes / max(packedBytes, 1) > Self.ratioMax {
      throw IngestFailure(.zipBomb, "an entry of the archive unpacks to more than \(Self.ratioMax) times its size")
    }
  }

  private func lying() -> IngestFailure {
    IngestFailure(
      failureCode, "the archive lies about the size of what is in it", hint: "unpack it, make it again and add that")
  }

  private func damaged(_ name: String) -> IngestFailure {
    IngestFailure(failureCode, "the archive is damaged: an entry cannot be unpacked")
  }
}
