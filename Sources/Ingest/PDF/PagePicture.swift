// A page of a PDF as a PNG picture, passages marked on it: poppler draws on a cairo surface.
// Invariants: the picture never exceeds `pixelsMax`, whatever size the page claims; highlights are drawn under the
// text's ink, so that no letter is covered.
// Must not: be called with bytes from outside but in a worker.
import CPoppler

package enum PagePicture {
  private static let pixelsMax = 24_000_000.0

  /// `highlights` are in points from the top left of the page as it is shown, as `BoxMap` gives them.
  package static func render(
    pdf bytes: [UInt8], page number: Int, highlights: [Rectangle], scale: Double
  ) throws -> [UInt8] {
    let file = try PDFFile(bytes)
    guard number >= 1, number <= file.pageCount else {
      throw IngestFailure(.noSuchPage, "the document has \(file.pageCount) pages, so there is no page \(number)")
    }
    let picture = try file.withPage(number) { page in try draw(page, highlights, scale: scale) }
    guard let picture else { throw IngestFailure(.renderFailed, "page \(number) is damaged and cannot be drawn") }
    return picture
  }

  private static func draw(_ page: borrowing PDFPage, _ highlights: [Rectangle], scale: Double) throws -> [UInt8] {
    let size = page.size
    guard size.width.isFinite, size.height.isFinite, size.width >= 1, size.height >= 1 else {
      throw IngestFailure(.renderFailed, "page \(page.number) has no size that can be drawn")
    }
    let wanted = min(max(scale.isFinite ? scale : 1, 0.1), 8)
    let scale = min(wanted, (pixelsMax / (size.width * size.height)).squareRoot())
    let width = Int32(max(size.width * scale, 1))
    let height = Int32(max(size.height * scale, 1))
    let surface = unsafe cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height)
    defer { unsafe cairo_surface_destroy(surface) }
    let context = unsafe cairo_create(surface)
    defer { unsafe cairo_destroy(context) }
    unsafe cairo_set_source_rgb(context, 1, 1, 1)
    unsafe cairo_paint(context)
    unsafe cairo_scale(context, scale, scale)
    unsafe poppler_page_render(page.handle, context)
    // Multiplied onto the page, a highlight tints the paper and leaves the ink.
    unsafe cairo_set_operator(context, CAIRO_OPERATOR_MULTIPLY)
    unsafe cairo_set_source_rgb(context, 1, 0.92, 0.45)
    for box in highlights {
      unsafe cairo_rectangle(
        context, Double(box.left) - 1, Double(box.top) - 1, Double(box.right - box.left) + 2,
        Double(box.bottom - box.top) + 2)
    }
    unsafe cairo_fill(context)
    guard unsafe cairo_status(context) == CAIRO_STATUS_SUCCESS else {
      throw IngestFailure(.renderFailed, "page \(page.number) cannot be drawn")
    }
    return try unsafe encode(surface)
  }

  private final class Output {
    var bytes: [UInt8] = []
  }

  private static func encode(_ surface: OpaquePointer?) throws -> [UInt8] {
    let output = Output()
    let status = unsafe cairo_surface_write_to_png_stream(
      surface,
      { closure, data, length in
        guard let closure = unsafe closure else { return CAIRO_STATUS_WRITE_ERROR }
        let output = unsafe Unmanaged<Output>.fromOpaque(closure).takeUnretainedValue()
        unsafe output.bytes.append(contentsOf: UnsafeBufferPointer(start: data, count: Int(length)))
        return CAIRO_STATUS_SUCCESS
      }, Unmanaged.passUnretained(output).toOpaque())
    guard status == CAIRO_STATUS_SUCCESS else {
      throw IngestFailure(.renderFailed, "the picture of the page cannot be written")
    }
    return output.bytes
  }
}
