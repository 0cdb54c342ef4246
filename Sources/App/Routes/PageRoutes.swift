// The web page: files that were embedded when the binary was built. They are the only content that a browser may run,
// and the policy lets it run nothing else: a script that got into a document or a file name stays text.
import Base
import CPageAssets
import HTTPKit

extension Routes {
  private static let contentSecurityPolicy = [
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:",
    "connect-src 'self'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
  ].joined(separator: "; ")

  /// Where the page's files lie.
  static let pagePaths = Set(
    (0..<footnote_page_asset_count()).map { unsafe String(cString: footnote_page_asset_at($0).pointee.path) })

  func addPageRoutes(to router: inout Router) {
    for index in 0..<footnote_page_asset_count() {
      // Valid for the life of the process: the table and what it points to are constants.
      let asset = unsafe footnote_page_asset_at(index).pointee
      let content = unsafe Array(UnsafeBufferPointer(start: asset.bytes, count: asset.length))
      var response = Response(body: .bytes(content)).tagged(String("\(SHA256Digest(of: content))".prefix(16)))
      response.headers["Content-Type"] = unsafe String(cString: asset.content_type)
      response.headers["Content-Security-Policy"] = Routes.contentSecurityPolicy
      let file = response
      router.add(.get, unsafe String(cString: asset.path), immediate: true) { _ in file }
    }
    // Browsers ask for it whatever the page says.
    router.add(.get, "/favicon.ico", immediate: true) { _ in Response(status: 204) }
  }
}
