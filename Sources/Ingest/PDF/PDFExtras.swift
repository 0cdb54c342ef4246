// What a page says outside its content: values of form fields, text that was written onto it, comments, and where its
// links lead.
// Must not: read scripts, follow an action, or open an attached file.
import CPoppler

enum PDFExtras {
  /// A page may hold thousands of fields; past this many they are a form gone wrong.
  private static let itemsMax = 2_000
  private static let linksMax = 100
  private static let targetBytesMax = 500

  /// poppler draws fields and notes with the page, so that their values stand in its text where the file says how they
  /// look; what it does not show is told here.
  static func lines(of page: borrowing PDFPage, beside text: PDFPageText) -> [String] {
    unshown(fields(of: page) + notes(of: page), beside: text)
  }

  private struct Item {
    var line: String
    var value: String
  }

  private static func squeezed(_ bytes: [UInt8]) -> String {
    String(decoding: bytes.filter { !isBlank($0) }, as: UTF8.self)
  }

  /// Comments on the page: no part of its text, and set apart from it.
  static func comments(of page: borrowing PDFPage, beside text: PDFPageText) -> [String] {
    unshown(comments(of: page), beside: text)
  }

  /// The targets of its links with the words that are linked, set apart as well.
  static func links(of page: borrowing PDFPage, beside text: PDFPageText) -> [String] {
    unshown(links(of: page, in: text), beside: text)
  }

  private static func unshown(_ items: [Item], beside text: PDFPageText) -> [String] {
    guard !items.isEmpty else { return [] }
    let shown = squeezed(text.utf8)
    return items.filter { !shown.contains(squeezed(Array($0.value.utf8))) }.map(\.line)
  }

  private static func comments(of page: borrowing PDFPage) -> [Item] {
    contents(of: page) { type in
      switch type {
      case POPPLER_ANNOT_TEXT, POPPLER_ANNOT_HIGHLIGHT, POPPLER_ANNOT_UNDERLINE, POPPLER_ANNOT_SQUIGGLY,
        POPPLER_ANNOT_STRIKE_OUT, POPPLER_ANNOT_STAMP, POPPLER_ANNOT_CARET:
        true
      default: false
      }
    }
  }

  /// Each target once a page.
  private static func links(of page: borrowing PDFPage, in text: PDFPageText) -> [Item] {
    guard let list = unsafe poppler_page_get_link_mapping(page.handle) else { return [] }
    defer { unsafe poppler_page_free_link_mapping(list) }
    let height = Float(page.size.height)
    var lines: [Item] = []
    var seen: Set<String> = []
    var item = unsafe UnsafePointer(list) as UnsafePointer<GList>?
    while let current = unsafe item, lines.count < linksMax {
      unsafe item = footnote_next(current)
      guard let link = unsafe footnote_link(current)?.pointee, let action = unsafe link.action,
        unsafe action.pointee.type == POPPLER_ACTION_URI, let uri = unsafe action.pointee.uri.uri
      else { continue }
      let target = unsafe String(cString: uri)
      guard isPlace(target), seen.insert(target).inserted else { continue }
      let area = unsafe Rectangle(
        left: Float(link.area.x1), top: height - Float(link.area.y2), right: Float(link.area.x2),
        bottom: height - Float(link.area.y1))
      let words = text.words(in: area)
      lines.append(Item(line: words.isEmpty ? target : "\(words): \(target)", value: target))
    }
    return lines
  }

  /// An address that a reader could go to, and nothing that a program would run.
  private static func isPlace(_ target: String) -> Bool {
    let start = target.prefix(8).lowercased()
    return target.utf8.count <= targetBytesMax && ["http://", "https://", "mailto:"].contains { start.hasPrefix($0) }
  }

  /// 'Name: value' for every field that has a value.
  private static func fields(of page: borrowing PDFPage) -> [Item] {
    guard let list = unsafe poppler_page_get_form_field_mapping(page.handle) else { return [] }
    defer { unsafe poppler_page_free_form_field_mapping(list) }
    var lines: [(place: (Double, Double), item: Item)] = []
    var item = unsafe UnsafePointer(list) as UnsafePointer<GList>?
    while let current = unsafe item, lines.count < itemsMax {
      if let mapping = unsafe footnote_form_field(current)?.pointee, let field = unsafe mapping.field,
        let value = unsafe value(of: field)
      {
        let shown = unsafe PDFFile.taken(poppler_form_field_get_alternate_ui_name(field))
        let name = unsafe shown ?? PDFFile.taken(poppler_form_field_get_partial_name(field)) ?? ""
        // From the top of the page, and along a line.
        let place = unsafe (-(mapping.area.y2 / 4).rounded(), mapping.area.x1)
        lines.append((place, Item(line: name.isEmpty ? value : "\(name): \(value)", value: value)))
      }
      unsafe item = footnote_next(current)
    }
    return lines.sorted { $0.place < $1.place }.map(\.item)
  }

  private static func value(of field: OpaquePointer) -> String? {
    let value: String?
    switch unsafe poppler_form_field_get_field_type(field) {
    case POPPLER_FORM_FIELD_TEXT: value = unsafe PDFFile.taken(poppler_form_field_text_get_text(field))
    case POPPLER_FORM_FIELD_CHOICE: value = unsafe choice(of: field)
    case POPPLER_FORM_FIELD_BUTTON:
      let isPush = unsafe poppler_form_field_button_get_button_type(field) == POPPLER_FORM_BUTTON_PUSH
      value = unsafe !isPush && poppler_form_field_button_get_state(field) != 0 ? "☑" : nil
    default: value = nil
    }
    return value.flatMap { $0.allSatisfy(\.isWhitespace) ? nil : $0 }
  }

  private static func choice(of field: OpaquePointer) -> String {
    let count = unsafe min(poppler_form_field_choice_get_n_items(field), 1_000)
    var chosen: [String] = []
    for index in 0..<max(count, 0) where unsafe poppler_form_field_choice_is_item_selected(field, index) != 0 {
      if let item = unsafe PDFFile.taken(poppler_form_field_choice_get_item(field, index)) { chosen.append(item) }
    }
    return chosen.joined(separator: ", ")
  }

  private static func notes(of page: borrowing PDFPage) -> [Item] {
    contents(of: page) { $0 == POPPLER_ANNOT_FREE_TEXT }
  }

  private static func contents(
    of page: borrowing PDFPage, where isWanted: (PopplerAnnotType) -> Bool
  ) -> [Item] {
    guard let list = unsafe poppler_page_get_annot_mapping(page.handle) else { return [] }
    defer { unsafe poppler_page_free_annot_mapping(list) }
    var lines: [Item] = []
    var item = unsafe UnsafePointer(list) as UnsafePointer<GList>?
    while let current = unsafe item, lines.count < itemsMax {
      if let note = unsafe footnote_annotation(current)?.pointee.annot,
        unsafe isWanted(poppler_annot_get_annot_type(note)),
        let text = unsafe PDFFile.taken(poppler_annot_get_contents(note)), !text.allSatisfy(\.isWhitespace)
      {
        lines.append(Item(line: text, value: text))
      }
      unsafe item = footnote_next(current)
    }
    return lines
  }
}
