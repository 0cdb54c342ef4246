// The index as bytes and back. Little-endian, in this order, all integers UInt32 unless said otherwise:
//   version, dimension, m, efConstruction · seed, bound, live count, packed entry: UInt64 · a live bit a slot, in
//   UInt64 words · for each slot below the bound: scale (Float32) · code · residual · ground row · for each live slot
//   of the levels above the ground, in order of slots: its rows from level 1 up.
// A slot that is not live has zeros, and no links. The same graph gives the same bytes. Whoever keeps them guards them
// with a checksum; reading trusts nothing all the same: bytes that do not describe a graph are refused, never followed.
package import Base
import Synchronization
internal import Vectors

package enum GraphFailure: Failure, Equatable {
  /// The bytes are not a graph of this kind.
  case snapshotDamaged(problem: String)
  /// Whole, but of another dimension, build or version than asked for.
  case snapshotOfAnotherKind(problem: String)

  package var kind: FailureKind { .corruption }
  package var code: String {
    switch self {
    case .snapshotDamaged: "graph_damaged"
    case .snapshotOfAnotherKind: "graph_of_another_kind"
    }
  }
  package var message: String {
    switch self {
    case .snapshotDamaged(let problem), .snapshotOfAnotherKind(let problem): "the graph snapshot: \(problem)"
    }
  }
  package var hint: String { "it is rebuilt from the library" }
}

private let snapshotVersion: UInt32 = 1

extension VectorIndex {
  /// The bytes in pieces, in order; removed slots are repaired around first.
  package func write(_ emit: (UnsafeRawBufferPointer) throws -> Void) rethrows {
    try writer.withLock { writer in
      repair(&writer, threads: 1)
      let slots = bound.load(ordering: .relaxed)
      let header: [UInt32] = [
        snapshotVersion, UInt32(options.dimension), UInt32(options.m), UInt32(options.efConstruction),
      ]
      let wide: [UInt64] = [options.seed, UInt64(slots), UInt64(count), entry.load(ordering: .relaxed)]
      unsafe try header.withUnsafeBytes { unsafe try emit($0) }
      unsafe try wide.withUnsafeBytes { unsafe try emit($0) }
      let words = (0..<(slots + 63) / 64).map { SharedBits.word(alive, $0) }
      unsafe try words.withUnsafeBytes { unsafe try emit($0) }
      unsafe try emitRows(of: codes.scales, width: 1, filler: 0, slots, emit)
      unsafe try emitRows(of: codes.codes, width: codes.codeStride, filler: 0, slots, emit)
      unsafe try emitRows(of: codes.residuals, width: codes.residualStride, filler: 0, slots, emit)
      unsafe try emitRows(of: groundLinks, width: 2 * options.m, filler: GraphLevel.noLink, slots, emit)
      for slot in 0..<UInt32(slots) where SharedBits.contains(alive, slot) {
        let places = options.level(of: slot) * options.m
        guard places > 0 else { continue }
        unsafe try emit(UnsafeRawBufferPointer(start: level(1).row(slot), count: places * 4))
      }
    }
  }

  /// The same in one array.
  package func snapshotBytes() -> [UInt8] {
    var bytes: [UInt8] = []
    unsafe write { unsafe bytes.append(contentsOf: $0) }
    return bytes
  }

  /// Rows of slots that are not live are told as fillers, whatever they hold.
  private func emitRows<Element: BitwiseCopyable>(
    of slab: Slab<Element>, width: Int, filler: Element, _ slots: Int,
    _ emit: (UnsafeRawBufferPointer) throws -> Void
  ) rethrows {
    let empty = [Element](repeating: filler, count: width)
    var slot = 0
    while slot < slots {
      let isLive = SharedBits.contains(alive, UInt32(slot))
      var end = slot + 1
      while end < slots && SharedBits.contains(alive, UInt32(end)) == isLive { end += 1 }
      if isLive {
        unsafe try emit(
          UnsafeRawBufferPointer(
            UnsafeBufferPointer(start: slab.base + slot * width, count: (end - slot) * width)))
      } else {
        for _ in slot..<end { unsafe try empty.withUnsafeBytes { unsafe try emit($0) } }
      }
      slot = end
    }
  }

  /// An index from the bytes that `write` gave. They must be of the given options.
  package convenience init(reading bytes: UnsafeRawBufferPointer, options: GraphOptions) throws {
    self.init(options: options)
    var reader = unsafe GraphSnapshotReader(bytes)
    guard try reader.take(UInt32.self) == snapshotVersion else {
      throw GraphFailure.snapshotOfAnotherKind(problem: "another format version")
    }
    guard try reader.take(UInt32.self) == options.dimension, try reader.take(UInt32.self) == options.m,
      try reader.take(UInt32.self) == options.efConstruction, try reader.take(UInt64.self) == options.seed
    else { throw GraphFailure.snapshotOfAnotherKind(problem: "made with other options") }
    let slots = Int(truncatingIfNeeded: try reader.take(UInt64.self))
    let live = Int(truncatingIfNeeded: try reader.take(UInt64.self))
    let packedEntry = try reader.take(UInt64.self)
    let rowBytes = codes.bytesPerVector + 2 * options.m * 4
    // Before any memory is opened: the bytes must be there for all slots.
    guard slots >= 0, slots <= Limits.vectorsPerIndexMax, slots * rowBytes <= bytes.count else {
      throw GraphFailure.snapshotDamaged(problem: "cut short")
    }
    open(count: slots)
    try reader.copy((slots + 63) / 64, to: alive)
    try reader.copy(slots, to: codes.scales)
    try reader.copy(slots * codes.codeStride, to: codes.codes)
    try reader.copy(slots * codes.residualStride, to: codes.residuals)
    try reader.copy(slots * 2 * options.m, to: groundLinks)
    try writer.withLock { writer in
      let words = (0..<(slots + 63) / 64).map { SharedBits.word(alive, $0) }
      guard words.reduce(0, { $0 + $1.nonzeroBitCount }) == live,
        slots % 64 == 0 || words.last.map({ $0 >> UInt64(slots % 64) == 0 }) ?? true
      else { throw GraphFailure.snapshotDamaged(problem: "the count of records") }
      writer.linked = words
      try readUpperRows(&reader, slots)
    }
    guard reader.isAtEnd else { throw GraphFailure.snapshotDamaged(problem: "bytes past the end") }
    try verify(slots, live, packedEntry)
    bound.store(slots, ordering: .relaxed)
    liveCount.store(live, ordering: .relaxed)
    entry.store(packedEntry, ordering: .releasing)
  }

  private func readUpperRows(_ reader: inout GraphSnapshotReader, _ slots: Int) throws {
    for slot in 0..<UInt32(slots) where SharedBits.contains(alive, slot) {
      let level = options.level(of: slot)
      guard level > 0 else { continue }
      giveUpperRows(to: slot)
      unsafe try reader.copy(level * options.m, to: self.level(1).row(slot))
    }
  }

  /// Every link must lead to a live slot that stands on the link's level; then no walk can leave the graph.
  private func verify(_ slots: Int, _ live: Int, _ packedEntry: UInt64) throws {
    let entry = Entry(packed: packedEntry)
    guard (entry == nil) == (live == 0) else { throw GraphFailure.snapshotDamaged(problem: "the entry") }
    if let entry {
      guard Int(entry.slot) < slots, SharedBits.contains(alive, entry.slot),
        entry.level == options.level(of: entry.slot)
      else { throw GraphFailure.snapshotDamaged(problem: "the entry") }
    }
    let levels = (0..<UInt32(slots)).map { UInt8(options.level(of: $0)) }
    for slot in 0..<UInt32(slots) where SharedBits.contains(alive, slot) {
      guard unsafe codes.scales.base[Int(slot)].isFinite, unsafe codes.scales.base[Int(slot)] >= 0 else {
        throw GraphFailure.snapshotDamaged(problem: "the scale of slot \(slot)")
      }
      guard entry.map({ levels[Int(slot)] <= $0.level }) ?? false else {
        throw GraphFailure.snapshotDamaged(problem: "the entry")
      }
      for height in 0...Int(levels[Int(slot)]) {
        var sound = true
        level(height).forEachLink(of: slot) { link in
          sound = sound && link < slots && SharedBits.contains(alive, link) && levels[Int(link)] >= height
        }
        guard sound else { throw GraphFailure.snapshotDamaged(problem: "the links of slot \(slot)") }
      }
    }
  }
}

/// Takes numbers from bytes, never past their end.
@safe private struct GraphSnapshotReader {
  private let bytes: UnsafeRawBufferPointer
  private var position = 0

  init(_ bytes: UnsafeRawBufferPointer) { unsafe self.bytes = unsafe bytes }

  var isAtEnd: Bool { unsafe position == bytes.count }

  mutating func take<Number: FixedWidthInteger & BitwiseCopyable>(_ type: Number.Type) throws -> Number {
    let start = try advance(MemoryLayout<Number>.size)
    return Number(littleEndian: unsafe bytes.loadUnaligned(fromByteOffset: start, as: type))
  }

  mutating func copy<Element: BitwiseCopyable>(_ count: Int, to slab: Slab<Element>) throws {
    unsafe try copy(count, to: slab.base)
  }

  mutating func copy<Element: BitwiseCopyable>(_ count: Int, to target: UnsafeMutablePointer<Element>) throws {
    let size = count * MemoryLayout<Element>.stride
    let start = try advance(size)
    guard size > 0, let base = unsafe bytes.baseAddress else { return }
    unsafe UnsafeMutableRawPointer(target).copyMemory(from: base + start, byteCount: size)
  }

  private mutating func advance(_ count: Int) throws -> Int {
    guard unsafe count <= bytes.count - position else {
      throw GraphFailure.snapshotDamaged(problem: "cut short")
    }
    defer { position += count }
    return position
  }
}
