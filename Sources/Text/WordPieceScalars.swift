// What the reference tokenizer's normaliser does to each Unicode scalar, unfolded from WordPieceTables into pages.
// Invariants: every scalar has exactly one action; a mapped scalar's targets are never mapped again. It must not ask
// the toolchain's Unicode tables anything: the reference's versions differ, scalar by scalar.

/// Two-level table from scalar to action code. Codes of `first mapped` and above are positions in `targets`.
struct WordPieceScalars: Sendable {
  typealias Action = UInt16
  static let keep: Action = 0
  static let drop: Action = 1
  static let dropStarter: Action = 2  // leaves nothing, yet ends a run of marks that may change places
  static let space: Action = 3
  static let isolated: Action = 4  // punctuation and Chinese characters: a word of its own
  static let hangul: Action = 5  // a syllable, taken apart by arithmetic
  /// A mark that survives; the code's distance from here is the rank of its combining class.
  static let firstClass: Action = 6
  static let firstMapped: Action = firstClass + Action(WordPieceTables.survivingClassCount)

  /// Set on every target but the last of a mapped scalar.
  private static let moreFollow: UInt32 = 1 << 31
  private static let pageBits: UInt32 = 8

  private let pageOfScalar: [UInt16]
  private let pages: [Action]
  private let targets: [UInt32]

  init() {
    var unfolding = Unfolding()
    unfolding.run()
    (pageOfScalar, pages, targets) = (unfolding.pageOfScalar, unfolding.pages, unfolding.targets)
  }

  @inline(__always) func action(of scalar: UInt32) -> Action {
    let page = Int(pageOfScalar[Int(scalar >> Self.pageBits)])
    return pages[page << Int(Self.pageBits) + Int(scalar & 0xFF)]
  }

  /// Calls `body` with each scalar that a mapped one becomes.
  @inline(__always) func forEachTarget(of action: Action, _ body: (UInt32) -> Void) {
    var position = Int(action - Self.firstMapped)
    while true {
      let target = targets[position]
      body(target & ~Self.moreFollow)
      if target & Self.moreFollow == 0 { return }
      position += 1
    }
  }

  /// A Hangul syllable as its two or three jamo, by the arithmetic of Unicode 3.12.
  @inline(__always) static func forEachJamo(of syllable: UInt32, _ body: (UInt32) -> Void) {
    let index = syllable - 0xAC00
    body(0x1100 + index / 588)
    body(0x1161 + index % 588 / 28)
    if index % 28 != 0 { body(0x11A7 + index % 28) }
  }
}

/// Reads the runs once. Pages that hold one action only are shared.
private struct Unfolding {
  var pageOfScalar: [UInt16] = []
  var pages: [WordPieceScalars.Action] = []
  var targets: [UInt32] = []
  private var scalar: UInt32 = 0
  private var page: [WordPieceScalars.Action] = []
  private var pageOfUniformAction: [WordPieceScalars.Action: UInt16] = [:]

  mutating func run() {
    var numbers: [UInt32] = []
    var operation: UInt8 = 0
    var number: UInt32 = 0
    for byte in WordPieceTables.runs.utf8 {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): number = number * 36 + UInt32(byte - UInt8(ascii: "0"))
      case UInt8(ascii: "a")...UInt8(ascii: "z"): number = number * 36 + UInt32(byte - UInt8(ascii: "a")) + 10
      case UInt8(ascii: " "):
        numbers.append(number)
        apply(operation, numbers)
        numbers.removeAll(keepingCapacity: true)
        (number, operation) = (0, 0)
      case UInt8(ascii: "="): operation = byte
      default:
        numbers.append(number)
        number = 0
        if operation == 0 { operation = byte }
      }
    }
    numbers.append(number)
    apply(operation, numbers)
    precondition(scalar == 0x11_0000, "the table covers every scalar")
  }

  private mutating func apply(_ operation: UInt8, _ numbers: [UInt32]) {
    switch operation {
    case UInt8(ascii: "."): append(WordPieceScalars.Action(numbers[1]), count: numbers[0])
    case UInt8(ascii: "+"): for _ in 0..<numbers[0] { appendMapped([scalar + numbers[1]]) }
    case UInt8(ascii: "-"): for _ in 0..<numbers[0] { appendMapped([scalar - numbers[1]]) }
    case UInt8(ascii: "/"):
      for step in 0..<numbers[0] {
        if step % 2 == 0 {
          appendMapped([scalar + numbers[1]])
        } else {
          append(WordPieceScalars.keep, count: 1)
        }
      }
    case UInt8(ascii: "="): appendMapped(numbers)
    default: preconditionFailure("a run without an operation")
    }
  }

  private mutating func appendMapped(_ mapped: [UInt32]) {
    let position = targets.count
    for target in mapped { targets.append(target | 1 << 31) }
    targets[targets.count - 1] &= ~(1 << 31)
    append(WordPieceScalars.firstMapped + WordPieceScalars.Action(position), count: 1)
  }

  private mutating func append(_ action: WordPieceScalars.Action, count: UInt32) {
    var left = count
    while left > 0 {
      if page.isEmpty, left >= 256 {
        closeUniformPage(action)
        left -= 256
        scalar += 256
      } else {
        page.append(action)
        left -= 1
        scalar += 1
        if page.count == 256 { closePage() }
      }
    }
  }

  private mutating func closePage() {
    pageOfScalar.append(UInt16(pages.count / 256))
    pages += page
    page.removeAll(keepingCapacity: true)
  }

  private mutating func closeUniformPage(_ action: WordPieceScalars.Action) {
    if let known = pageOfUniformAction[action] {
      pageOfScalar.append(known)
    } else {
      pageOfUniformAction[action] = UInt16(pages.count / 256)
      page = Array(repeating: action, count: 256)
      closePage()
    }
  }
}
