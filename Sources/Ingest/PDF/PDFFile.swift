// A PDF opened through poppler: its pages' text by CPageText, all else by poppler-glib. Owns both and their bytes.
// Invariants: pages count from 1 here and from 0 in poppler; a page is freed when the closure that got it returns.
// Must not: run anything the file asks for: poppler-glib executes no scripts, launches nothing and opens no attachment.
import Base
import CPageText
import CPoppler

/// Safe: `document`, `reader` and `storage` are made once and freed once in `deinit`, storage last, since poppler reads
/// it for as long as it lives: https://docs.gtk.org/glib/ctor.Bytes.new_static.html
@safe final class PDFFile {
  private let document: OpaquePointer
  private let storage: UnsafeMutableBufferPointer<UInt8>
  private let byteCount: Int
  /// Opened with the first page whose text is asked for: a picture of a page needs none.
  private var reader: OpaquePointer?
  private let pageSeconds: Double
  let pageCount: Int

  init(_ bytes: [UInt8], pageSeconds: Double = Limits.pageSecondsMax) throws {
    self.pageSeconds = pageSeconds
    let storage = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: max(bytes.count, 1))
    _ = unsafe storage.initialize(from: bytes)
    let shared = unsafe g_bytes_new_static(storage.baseAddress, gsize(bytes.count))
    var error: UnsafeMutablePointer<GError>?
    let opened = unsafe poppler_document_new_from_bytes(shared, nil, &error)
    unsafe g_bytes_unref(shared)
    guard let opened = unsafe opened else {
      let isEncrypted = unsafe footnote_error_code(error) == Int32(POPPLER_ERROR_ENCRYPTED.rawValue)
      unsafe g_clear_error(&error)
      unsafe storage.deallocate()
      if isEncrypted {
        throw IngestFailure(
          .pdfEncrypted, "the PDF is protected by a password", hint: "save it without one and add it again")
      }
      throw IngestFailure(
        .damagedPDF, "the PDF is damaged and cannot be opened", hint: "make the file again and add it")
    }
    unsafe document = opened
    unsafe self.storage = storage
    byteCount = bytes.count
    pageCount = unsafe Int(poppler_document_get_n_pages(opened))
    guard pageCount <= Limits.pagesMax else {
      throw IngestFailure(.tooLarge, "the PDF has \(pageCount) pages, more than \(Limits.pagesMax)")
    }
    guard pageCount > 0 else { throw IngestFailure(.damagedPDF, "the PDF is damaged: it has no pages") }
  }

  deinit {
    unsafe fn_page_close(reader)
    unsafe g_object_unref(UnsafeMutableRawPointer(document))
    unsafe storage.deallocate()
  }

  var metadata: [String: String] {
    var found: [String: String] = [:]
    unsafe found["title"] = Self.taken(poppler_document_get_title(document))
    unsafe found["author"] = Self.taken(poppler_document_get_author(document))
    unsafe found["subject"] = Self.taken(poppler_document_get_subject(document))
    unsafe found["keywords"] = Self.taken(poppler_document_get_keywords(document))
    unsafe found["producer"] = Self.taken(poppler_document_get_producer(document))
    unsafe found["created"] = Self.date(poppler_document_get_creation_date(document))
    unsafe found["modified"] = Self.date(poppler_document_get_modification_date(document))
    return found.filter { !$0.value.isEmpty }
  }

  var outline: PDFOutline { unsafe PDFOutline(document: document) }

  /// Some page calls itself other than by its number.
  var hasPageLabels: Bool {
    for index in [0, pageCount - 1] {
      guard let page = unsafe poppler_document_get_page(document, Int32(index)) else { continue }
      defer { unsafe g_object_unref(UnsafeMutableRawPointer(page)) }
      if let label = unsafe Self.taken(poppler_page_get_label(page)), label != String(index + 1) { return true }
    }
    return false
  }

  /// Nil where the page cannot be loaded; the others still can.
  func withPage<Result>(_ number: Int, _ body: (borrowing PDFPage) throws -> Result) rethrows -> Result? {
    precondition(number >= 1 && number <= pageCount, "pages count from 1")
    guard let page = unsafe poppler_document_get_page(document, Int32(number - 1)) else { return nil }
    return unsafe try body(PDFPage(owning: page, number: number))
  }

  /// The words and lines of a page; nil where it cannot be read.
  func withText<Result>(of number: Int, _ body: (borrowing PDFPageSource) throws -> Result) rethrows -> Result? {
    precondition(number >= 1 && number <= pageCount, "pages count from 1")
    if unsafe reader == nil {
      var status: Int32 = 0
      unsafe reader = fn_page_open(storage.baseAddress, byteCount, pageSeconds, &status)
    }
    guard let opened = unsafe reader, let page = unsafe fn_page_read(opened, Int32(number)) else { return nil }
    return unsafe try body(PDFPageSource(borrowing: page))
  }

  /// The page that was just asked for, and not read, draws more than a page to be read does.
  var wasExcessive: Bool {
    guard let reader = unsafe reader else { return false }
    return unsafe fn_page_was_excessive(reader) != 0
  }

  /// A string that poppler gave away, as ours.
  static func taken(_ text: UnsafeMutablePointer<CChar>?) -> String? {
    guard let text = unsafe text else { return nil }
    defer { unsafe g_free(text) }
    return unsafe String(cString: text)
  }

  private static func date(_ seconds: time_t) -> String? {
    guard seconds > 0, let date = unsafe g_date_time_new_from_unix_utc(gint64(seconds)) else { return nil }
    defer { unsafe g_date_time_unref(date) }
    return unsafe taken(g_date_time_format(date, "%Y-%m-%d"))
  }
}

/// One page. Safe: owns the poppler page, freed once in `deinit`.
@safe struct PDFPage: ~Copyable {
  let handle: OpaquePointer
  let number: Int

  fileprivate init(owning handle: OpaquePointer, number: Int) {
    unsafe self.handle = handle
    self.number = number
  }

  deinit { unsafe g_object_unref(UnsafeMutableRawPointer(handle)) }

  var size: (width: Double, height: Double) {
    var width = 0.0
    var height = 0.0
    unsafe poppler_page_get_size(handle, &width, &height)
    return (width, height)
  }

  /// What the page calls itself, where that is not its number.
  var label: String? {
    guard let label = unsafe PDFFile.taken(poppler_page_get_label(handle)), label != String(number) else { return nil }
    return label.isEmpty ? nil : label
  }

  /// Of all pictures on the page, in square points.
  var imageArea: Double {
    guard let images = unsafe poppler_page_get_image_mapping(handle) else { return 0 }
    defer { unsafe poppler_page_free_image_mapping(images) }
    var area = 0.0
    var item = unsafe UnsafePointer(images) as UnsafePointer<GList>?
    while let current = unsafe item {
      if let box = unsafe footnote_image(current)?.pointee.area { area += abs((box.x2 - box.x1) * (box.y2 - box.y1)) }
      unsafe item = footnote_next(current)
    }
    return area
  }
}
