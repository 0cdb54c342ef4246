// What a page says outside its content: values of form fields, and text that was written onto it as an annotation.
// Sticky notes are comments on the page, not its text, and stay out.
// Must not: read scripts, actions or attached files.
import CPoppler

enum PDFExtras {
  /// A page may hold thousands of fields; past this many they are a form gone wrong.
  private static let itemsMax = 2_000

  static func lines(of page: borrowing PDFPage) -> [String] {
    fields(of: page) + notes(of: page)
  }

  /// 'Name: value' for every field that has a value.
  private static func fields(of page: borrowing PDFPage) -> [String] {
    guard let list = unsafe poppler_page_get_form_field_mapping(page.handle) else { return [] }
    defer { unsafe poppler_page_free_form_field_mapping(list) }
    var lines: [String] = []
    var item = unsafe UnsafePointer(list) as UnsafePointer<GList>?
    while let current = unsafe item, lines.count < itemsMax {
      if let field = unsafe footnote_form_field(current)?.pointee.field, let value = unsafe value(of: field) {
        let shown = unsafe PDFFile.taken(poppler_form_field_get_alternate_ui_name(field))
        let name = unsafe shown ?? PDFFile.taken(poppler_form_field_get_partial_name(field)) ?? ""
        lines.append(name.isEmpty ? value : "\(name): \(value)")
      }
      unsafe item = footnote_next(current)
    }
    return lines
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

  private static func notes(of page: borrowing PDFPage) -> [String] {
    guard let list = unsafe poppler_page_get_annot_mapping(page.handle) else { return [] }
    defer { unsafe poppler_page_free_annot_mapping(list) }
    var lines: [String] = []
    var item = unsafe UnsafePointer(list) as UnsafePointer<GList>?
    while let current = unsafe item, lines.count < itemsMax {
      if let note = unsafe footnote_annotation(current)?.pointee.annot,
        unsafe poppler_annot_get_annot_type(note) == POPPLER_ANNOT_FREE_TEXT,
        let text = unsafe PDFFile.taken(poppler_annot_get_contents(note)), !text.allSatisfy(\.isWhitespace)
      {
        lines.append(text)
      }
      unsafe item = footnote_next(current)
    }
    return lines
  }
}
