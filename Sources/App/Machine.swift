// What the machine has.
import Foundation

enum Machine {
  static let cores = ProcessInfo.processInfo.activeProcessorCount
}
