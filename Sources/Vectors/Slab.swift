// Numbers in one stretch of memory that grows where it stands: address space for the most it may ever hold is reserved
// at the start (which costs nothing), pages are opened as it grows and come into being, zeroed, when first written.
// So a reader may keep the base address while a writer adds rows behind what the reader knows. Never shrinks before
// it ends; never moves.
import Base

#if canImport(Glibc)
  import Glibc
#endif

/// Who may touch which elements when is the owner's protocol: a slab itself only owns the pages.
@safe package final class Slab<Element: BitwiseCopyable>: @unchecked Sendable {
  // Sendable: base never changes, `opened` is only touched by the owner's one writer, elements are the owner's matter.
  package let base: UnsafeMutablePointer<Element>
  private let reservation: UnsafeMutableRawPointer
  private let reservedBytes: Int
  private var opened = 0

  package init(countMax: Int) {
    reservedBytes =
      Slab.roundUp(countMax * MemoryLayout<Element>.stride, to: Pages.hugeBytes) + Pages.hugeBytes
    let made = unsafe mmap(nil, reservedBytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
    guard let made = unsafe made, unsafe made != MAP_FAILED else {
      preconditionFailure("no address space for \(reservedBytes) bytes")
    }
    unsafe reservation = made
    let aligned = Slab.roundUp(Int(bitPattern: made), to: Pages.hugeBytes)
    unsafe base = (made + (aligned - Int(bitPattern: made))).assumingMemoryBound(to: Element.self)
  }

  deinit { unsafe munmap(reservation, reservedBytes) }

  /// Makes elements 0 ..< count usable. The writer alone calls it.
  package func open(count: Int) {
    let needed = Slab.roundUp(count * MemoryLayout<Element>.stride, to: Pages.bytes)
    guard needed > opened else { return }
    precondition(needed <= reservedBytes - Pages.hugeBytes, "past the countMax of the slab")
    // Opened in large steps, for each costs a call; untouched pages cost nothing.
    let target = min(
      max(needed, Slab.roundUp(needed + opened / 2, to: Pages.bytes)), reservedBytes - Pages.hugeBytes)
    guard unsafe mprotect(base, target, PROT_READ | PROT_WRITE) == 0 else {
      preconditionFailure("no memory for \(target) bytes")
    }
    // Huge pages spare the walk its TLB misses; small slabs would only waste them.
    if needed >= Pages.hugeBytes { unsafe madvise(base, target, MADV_HUGEPAGE) }
    opened = target
  }

  private static func roundUp(_ value: Int, to unit: Int) -> Int { (value + unit - 1) / unit * unit }
}

private enum Pages {
  static let bytes = 4096
  static let hugeBytes = 2 << 20
}
