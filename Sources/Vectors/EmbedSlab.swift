// One block of memory, aligned for the widest vectors, owned by one object. It never moves and never grows, so kernels
// may hold its addresses as long as the owner lives.

#if canImport(Glibc)
  import Glibc
#endif

@safe final class EmbedSlab {
  static let alignment = 64
  private static let hugePageBytes = 2 << 20

  let byteCount: Int
  private let base: UnsafeMutableRawPointer
  private var used = 0

  init(byteCount: Int) {
    self.byteCount = byteCount
    let isLarge = byteCount >= 2 * Self.hugePageBytes
    unsafe base = .allocate(
      byteCount: max(byteCount, 1), alignment: isLarge ? Self.hugePageBytes : Self.alignment)
    // Weights are read from end to end for every few texts: large pages spare the walks through the page table. The
    // kernel may say no.
    if isLarge { unsafe madvise(base, byteCount / Self.hugePageBytes * Self.hugePageBytes, MADV_HUGEPAGE) }
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
