// A safetensors file, mapped: https://huggingface.co/docs/safetensors. Eight bytes of header length, a JSON header with
// type, shape and byte range of each tensor, then the bytes.
// Invariants: every tensor handed out lies within the file, has the asked shape and starts at a multiple of four. The
// header comes from a file that may be damaged, so nothing in it is believed. The file must not be truncated while it
// is mapped: the kernel would end the process (SIGBUS); the model folder is written by renaming whole files in.
import Base
import Foundation
import Vectors

#if canImport(Glibc)
  import Glibc
#endif

// @unchecked Sendable: the mapping is read-only and lives as long as the object.
@safe final class Safetensors: EncoderTensors, @unchecked Sendable {
  private struct Entry: Decodable {
    let dtype: String
    let shape: [Int]
    let dataOffsets: [Int]

    enum CodingKeys: String, CodingKey {
      case dtype, shape
      case dataOffsets = "data_offsets"
    }
  }

  private let path: String
  private let base: UnsafeRawPointer
  private let byteCount: Int
  private let dataStart: Int
  private let entries: [String: Entry]

  init(path: String) throws(EmbeddingFailure) {
    self.path = path
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .modelMissing(path: path) }
    defer { close(descriptor) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { throw .modelMissing(path: path) }
    byteCount = Int(status.st_size)
    guard byteCount > 8, byteCount <= Limits.weightsFileBytesMax else {
      throw .modelDamaged(path: path, reason: "it has \(byteCount) bytes")
    }
    guard let mapped = unsafe mmap(nil, byteCount, PROT_READ, MAP_PRIVATE, descriptor, 0),
      unsafe mapped != MAP_FAILED
    else { throw .modelMissing(path: path) }
    unsafe base = UnsafeRawPointer(mapped)
    do {
      (dataStart, entries) = try unsafe Self.header(UnsafeRawBufferPointer(start: base, count: byteCount))
    } catch {
      unsafe munmap(mapped, byteCount)
      throw .modelDamaged(path: path, reason: "\(error)")
    }
  }

  deinit { unsafe munmap(UnsafeMutableRawPointer(mutating: base), byteCount) }

  private struct Damage: Error, CustomStringConvertible {
    let description: String
  }

  private static func header(_ file: UnsafeRawBufferPointer) throws -> (Int, [String: Entry]) {
    let length = unsafe Int(clamping: UInt64(littleEndian: file.loadUnaligned(as: UInt64.self)))
    guard length <= Limits.weightsHeaderBytesMax, 8 + length <= file.count else {
      throw Damage(description: "its header does not fit")
    }
    let json = unsafe Data(file[8..<8 + length])
    guard let object = try? JSONDecoder().decode([String: Tolerant].self, from: json) else {
      throw Damage(description: "its header is not JSON")
    }
    return (8 + length, object.compactMapValues(\.entry))
  }

  /// `__metadata__` stands among the tensors and is none.
  private struct Tolerant: Decodable {
    let entry: Entry?
    init(from decoder: any Decoder) { entry = try? Entry(from: decoder) }
  }

  func tensor(_ name: String, _ shape: [Int]) throws -> UnsafePointer<Float> {
    let bytes = try unsafe bytes(of: name, shape)
    return unsafe bytes.baseAddress!.assumingMemoryBound(to: Float.self)
  }

  private func bytes(of name: String, _ shape: [Int]) throws(EmbeddingFailure) -> UnsafeRawBufferPointer {
    guard let entry = entries[name] else { throw .modelDamaged(path: path, reason: "\(name) is missing") }
    let count = shape.reduce(4, *)
    guard entry.dtype == "F32", entry.shape == shape, entry.dataOffsets.count == 2 else {
      throw .modelDamaged(path: path, reason: "\(name) is \(entry.dtype) \(entry.shape), not F32 \(shape)")
    }
    let (start, end) = (entry.dataOffsets[0], entry.dataOffsets[1])
    guard start >= 0, end >= start, end <= byteCount - dataStart, end - start == count,
      (dataStart + start) % 4 == 0
    else { throw .modelDamaged(path: path, reason: "\(name) lies outside the file") }
    return unsafe UnsafeRawBufferPointer(start: base + dataStart + start, count: count)
  }

  /// A hash that differs between models: header, size and the beginning of every tensor. Reading all of it would cost
  /// more than loading the model; that the bytes are the pinned ones is checked when they are fetched.
  func fingerprint() -> SHA256Digest {
    var hasher = SHA256Hasher()
    unsafe hasher.update(UnsafeRawBufferPointer(start: base, count: dataStart))
    for name in entries.keys.sorted() {
      guard let entry = entries[name], entry.dataOffsets.count == 2 else { continue }
      let start = min(max(entry.dataOffsets[0], 0), byteCount - dataStart)
      let end = min(max(entry.dataOffsets[1], start), min(start + 4096, byteCount - dataStart))
      unsafe hasher.update(UnsafeRawBufferPointer(start: base + dataStart + start, count: end - start))
    }
    return hasher.finish()
  }

  /// Gives back the pages of what has been packed; they come again from the file if they are read once more.
  func releasePages() {
    unsafe madvise(UnsafeMutableRawPointer(mutating: base), byteCount, MADV_DONTNEED)
  }
}
