// One block of memory, aligned for the widest vectors, owned by one object. It never moves and never grows, so kernels
// may hold its addresses as long as the owner lives.

@safe final class EmbedSlab {
  static let alignment = 64

  let byteCount: Int
  private let base: UnsafeMutableRawPointer
  private var used = 0

  init(byteCount: Int) {
    self.byteCount = byteCount
    unsafe base = .allocate(byteCount: max(byteCount, 1), alignment: Self.alignment)
  }

  deinit { unsafe base.deallocate() }

  var start: UnsafeMutableRawPointer { unsafe base }

  /// The next part of the block, for `count` values; the caller fills it before anyone reads it.
  func take<Value: BitwiseCopyable>(_ type: Value.Type, _ count: Int) -> UnsafeMutablePointer<Value> {
    let bytes = Self.padded(count * MemoryLayout<Value>.stride)
    precondition(used + bytes <= byteCount, "a slab is sized for what it holds")
    defer { used += bytes }
    return unsafe (base + used).bindMemory(to: type, capacity: count)
  }

  static func padded(_ bytes: Int) -> Int { (bytes + alignment - 1) / alignment * alignment }
}
