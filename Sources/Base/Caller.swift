// Who waits for the work at hand. A handler is plain code on a thread of its own, so what it waits in, rooms below,
// asks here whether anybody still wants the result. Bound by whoever knows the caller; elsewhere nobody has gone.

package struct Caller: Sendable {
  /// A struct around the closure, not the closure: with the standard library linked statically, as in a release build,
  /// no type is passed for a bare closure, and the runtime crashes where it wants one.
  @TaskLocal private static var current = Caller(isGone: nil)

  private let isGone: (@Sendable () -> Bool)?

  package static func hasGone() -> Bool { current.isGone?() ?? false }

  /// The same question, to be asked from anywhere; nil where nobody is known to wait.
  package static var leaving: (@Sendable () -> Bool)? { current.isGone }

  /// While body runs, on this thread, it is `isGone` that tells.
  package static func whileAsked<Result>(
    _ isGone: @escaping @Sendable () -> Bool, _ body: () throws -> Result
  ) rethrows -> Result {
    try $current.withValue(Caller(isGone: isGone)) { try body() }
  }
}
