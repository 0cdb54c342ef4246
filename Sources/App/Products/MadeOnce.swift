// What takes long to make, kept: one value a key, made anew for another generation of what it is made of.
// Invariants: whoever asks while it is made waits for it; a making that fails is not kept; it is bounded.
import Synchronization

package final class MadeOnce<Value: Sendable>: Sendable {
  private struct Made {
    let generation: Int
    let value: Value
  }

  private let keysMax: Int
  private let made = Mutex<[String: Made]>([:])

  package init(keysMax: Int) { self.keysMax = keysMax }

  package func value(_ key: String, generation: Int, make: () throws -> Value) throws -> Value {
    try made.withLock { made in
      if let known = made[key], known.generation == generation { return known.value }
      let value = try make()
      if made[key] == nil, made.count >= keysMax { made = [:] }
      made[key] = Made(generation: generation, value: value)
      return value
    }
  }
}
