// A text that must not be seen: a key, a token. Whatever prints, logs or interpolates it gets stars; only `reveal()`,
// which is easy to search for, gives the text itself.

package struct Secret: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  package static let mask = "********"

  private let text: String

  package init(_ text: String) { self.text = text }

  package func reveal() -> String { text }

  package var isEmpty: Bool { text.isEmpty }
  package var description: String { Secret.mask }
  package var debugDescription: String { Secret.mask }
  package var customMirror: Mirror { Mirror(self, children: []) }
}

extension String {
  /// The text with every occurrence of the secrets starred, for what another program said.
  package func without(_ secrets: [Secret]) -> String {
    secrets.reduce(self) { text, secret in
      secret.isEmpty ? text : text.replacing(secret.reveal(), with: Secret.mask)
    }
  }
}
