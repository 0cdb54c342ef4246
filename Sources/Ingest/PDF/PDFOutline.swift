// The outline that a PDF carries: titles with the pages they lead to. It says which lines are headings better than any
// type size.
// Invariants: bounded in number and depth, whatever cycle the file holds.
// Must not: follow an action; only places in the document itself count.
import CPoppler

struct PDFOutline {
  private static let entriesMax = 5_000
  private static let depthMax = 6

  /// Level by page and title, letters only.
  private var levels: [Int: [[UInt8]: Int]] = [:]
  private var count = 0

  init() {}

  init(document: OpaquePointer) {
    guard let top = unsafe poppler_index_iter_new(document) else { return }
    unsafe read(top, of: document, level: 1)
  }

  /// Of a heading with these words on the page, or on the one before: a destination may lie just above a page break.
  func level(of title: ArraySlice<[UInt8]>, page: Int) -> Int? {
    guard count > 0, let titles = levels[page] else { return nil }
    return titles[Self.letters(of: title.joined())]
  }

  var isEmpty: Bool { count == 0 }

  /// Takes `iterator` over.
  private mutating func read(_ iterator: OpaquePointer, of document: OpaquePointer, level: Int) {
    defer { unsafe poppler_index_iter_free(iterator) }
    repeat {
      count += 1
      if let action = unsafe poppler_index_iter_get_action(iterator) {
        unsafe note(action, of: document, level: level)
        unsafe poppler_action_free(action)
      }
      if level < Self.depthMax, let child = unsafe poppler_index_iter_get_child(iterator) {
        unsafe read(child, of: document, level: level + 1)
      }
    } while unsafe count < Self.entriesMax && poppler_index_iter_next(iterator) != 0
  }

  private mutating func note(_ action: UnsafeMutablePointer<PopplerAction>, of document: OpaquePointer, level: Int) {
    guard unsafe action.pointee.type == POPPLER_ACTION_GOTO_DEST, let title = unsafe action.pointee.any.title,
      let dest = unsafe action.pointee.goto_dest.dest
    else { return }
    var page = unsafe Int(dest.pointee.page_num)
    if unsafe dest.pointee.type == POPPLER_DEST_NAMED, let name = unsafe dest.pointee.named_dest,
      let found = unsafe poppler_document_find_dest(document, name)
    {
      page = unsafe Int(found.pointee.page_num)
      unsafe poppler_dest_free(found)
    }
    let letters = Self.letters(of: unsafe String(cString: title).utf8)
    guard page > 0, !letters.isEmpty, levels[page]?[letters] == nil else { return }
    levels[page, default: [:]][letters] = level
  }

  /// What is left of a title when the ways to set it are taken off: spaces, dots, case.
  private static func letters(of text: some Sequence<UInt8>) -> [UInt8] {
    text.compactMap { byte in
      switch byte {
      case 0x41...0x5A: byte | 0x20
      case 0x61...0x7A, 0x30...0x39, 0x80...: byte
      default: nil
      }
    }
  }
}
