// The web page.
import HTTPKit

extension Routes {
  func addPageRoutes(to router: inout Router) {}
}
