// A page drawn in grey values: for text recognition, and to tell a blank page from one that is drawn.
// Invariants: the picture never exceeds `pixelsMax`, whatever size the page claims.
// Must not: be called with bytes from outside but in a worker.
import CPoppler

struct GreyPicture {
  var bytes: [UInt8]
  var width: Int
  var height: Int
  var pixelsPerPoint: Double
}

enum PageInk {
  private static let pixelsMax = 24_000_000.0
  /// Darker than this is ink; paper that was scanned is seldom quite white.
  private static let inkMax: UInt8 = 235

  static func grey(_ page: borrowing PDFPage, dotsPerInch: Double) -> GreyPicture? {
    let size = page.size
    guard size.width.isFinite, size.height.isFinite, size.width >= 1, size.height >= 1 else { return nil }
    let scale = min(dotsPerInch / 72, (pixelsMax / (size.width * size.height)).squareRoot())
    let width = Int(max(size.width * scale, 1))
    let height = Int(max(size.height * scale, 1))
    let surface = unsafe cairo_image_surface_create(CAIRO_FORMAT_RGB24, Int32(width), Int32(height))
    defer { unsafe cairo_surface_destroy(surface) }
    let context = unsafe cairo_create(surface)
    defer { unsafe cairo_destroy(context) }
    unsafe cairo_set_source_rgb(context, 1, 1, 1)
    unsafe cairo_paint(context)
    unsafe cairo_scale(context, scale, scale)
    unsafe poppler_page_render(page.handle, context)
    unsafe cairo_surface_flush(surface)
    guard unsafe cairo_status(context) == CAIRO_STATUS_SUCCESS,
      let pixels = unsafe cairo_image_surface_get_data(surface)
    else { return nil }
    let stride = unsafe Int(cairo_image_surface_get_stride(surface))
    var bytes = [UInt8](repeating: 255, count: width * height)
    // A pixel is four bytes: blue, green, red, unused.
    for row in 0..<height {
      let line = unsafe pixels + row * stride
      for column in 0..<width {
        let pixel = unsafe line + column * 4
        let sum = unsafe Int(pixel[0]) * 29 + Int(pixel[1]) * 150 + Int(pixel[2]) * 77
        bytes[row * width + column] = UInt8(truncatingIfNeeded: sum >> 8)
      }
    }
    return GreyPicture(bytes: bytes, width: width, height: height, pixelsPerPoint: scale)
  }

  /// Nothing is to be seen on it.
  static func isBlank(_ page: borrowing PDFPage) -> Bool {
    guard let picture = grey(page, dotsPerInch: 36) else { return false }
    return picture.bytes.allSatisfy { $0 > inkMax }
  }
}
