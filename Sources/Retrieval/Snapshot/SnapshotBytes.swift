// Numbers, texts and arrays as bytes, little-endian, and back. The reader never trusts a length: whatever does not fit
// in what is left is damage, told as such.

/// Types whose bytes are their value: any pattern of them is valid.
protocol PlainBytes: BitwiseCopyable, Sendable {}
extension UInt8: PlainBytes {}
extension UInt16: PlainBytes {}
extension UInt32: PlainBytes {}
extension UInt64: PlainBytes {}
extension Int8: PlainBytes {}
extension Int64: PlainBytes {}
extension Float: PlainBytes {}
extension Double: PlainBytes {}

struct SnapshotWriter {
  private(set) var bytes: [UInt8] = []

  mutating func put<Value: PlainBytes>(_ value: Value) {
    unsafe withUnsafeBytes(of: value) { unsafe bytes.append(contentsOf: $0) }
  }

  mutating func put(_ text: String) {
    put(UInt32(text.utf8.count))
    bytes.append(contentsOf: text.utf8)
  }

  mutating func put<Value: PlainBytes>(_ values: [Value]) {
    put(UInt64(values.count))
    unsafe values.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
  }
}

/// Safe: every read is checked against the bytes left; the buffer outlives the reader because readers are made and used
/// only inside `SnapshotFile.read`.
@safe struct SnapshotReader {
  private var rest: UnsafeRawBufferPointer
  private let section: String

  @unsafe init(_ bytes: UnsafeRawBufferPointer, section: String) {
    unsafe rest = bytes
    self.section = section
  }

  var damaged: RetrievalFailure { .snapshotDamaged(section: section) }
  var isAtEnd: Bool { unsafe rest.isEmpty }

  mutating func take<Value: PlainBytes>(_: Value.Type = Value.self) throws(RetrievalFailure) -> Value {
    let bytes = try unsafe takeBytes(MemoryLayout<Value>.size)
    return unsafe bytes.loadUnaligned(as: Value.self)
  }

  mutating func takeText() throws(RetrievalFailure) -> String {
    let count: UInt32 = try take()
    guard let text = unsafe String(validating: try takeBytes(Int(count)), as: UTF8.self) else {
      throw damaged
    }
    return text
  }

  mutating func takeArray<Value: PlainBytes>(_: Value.Type = Value.self) throws(RetrievalFailure) -> [Value] {
    let count: UInt64 = try take()
    let size = MemoryLayout<Value>.stride
    guard unsafe count <= UInt64(rest.count / size) else { throw damaged }
    let bytes = try unsafe takeBytes(Int(count) * size)
    return unsafe [Value](unsafeUninitializedCapacity: Int(count)) { buffer, initialized in
      unsafe UnsafeMutableRawBufferPointer(buffer).copyMemory(from: bytes)
      initialized = Int(count)
    }
  }

  /// All that is left, valid as long as the file is mapped.
  @unsafe mutating func takeRest() -> UnsafeRawBufferPointer {
    let taken = unsafe rest
    unsafe rest = UnsafeRawBufferPointer(rebasing: rest[rest.endIndex...])
    return unsafe taken
  }

  /// How many elements follow, each at least one byte long.
  mutating func takeCount() throws(RetrievalFailure) -> Int {
    let count: UInt64 = try take()
    guard unsafe count <= UInt64(rest.count) else { throw damaged }
    return Int(count)
  }

  private mutating func takeBytes(_ count: Int) throws(RetrievalFailure) -> UnsafeRawBufferPointer {
    guard unsafe count <= rest.count else { throw damaged }
    let taken = unsafe UnsafeRawBufferPointer(rebasing: rest[..<count])
    unsafe rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    return unsafe taken
  }
}
