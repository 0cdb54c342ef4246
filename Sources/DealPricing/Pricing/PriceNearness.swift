// What 'about right' means: an estimate is near a price where it is within a fifth of it. In logarithms.
import Foundation

enum PriceNearness {
  /// How far an estimate may lie above the price, and how far below.
  static let above = log(1.2)
  static let below = -log(0.8)

  static func isNear(_ estimate: Double, to price: Double) -> Bool {
    estimate - price <= above && price - estimate <= below
  }
}
