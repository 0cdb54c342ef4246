// Who waits for the work at hand. A handler is plain code on a thread of its own, so what it waits in, rooms below,
// asks here whether anybody still wants the result. Bound by whoever knows the caller; elsewhere nobody has gone.

package enum Caller {
  @TaskLocal package static var hasGone: @Sendable () -> Bool = { false }
}
