// What the product says of itself.
package import Base

package enum Product {
  package static let version = "0.1.0"

  package static func errorShape(_ failure: any Failure) -> JSON { Shapes.error(failure) }
}
