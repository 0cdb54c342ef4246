// An API key as its holder writes it: a prefix, 256 random bits, and a checksum that tells a mistyped key from an
// unknown one without asking anybody. Only its digest is kept.
import Base

struct KeyToken: Sendable, Equatable {
  static let prefix = "fn_"
  private static let randomBytes = 32
  private static let checkCharacters = 6

  let text: String

  init(random: any RandomSource) {
    let secret = hexadecimal(random.bytes(KeyToken.randomBytes))
    text = KeyToken.prefix + secret + KeyToken.check(of: secret)
  }

  /// nil where the text cannot be a key of ours.
  init?(_ text: String) {
    let length = 2 * KeyToken.randomBytes
    guard text.hasPrefix(KeyToken.prefix) else { return nil }
    let rest = text.dropFirst(KeyToken.prefix.count)
    guard rest.utf8.count == length + KeyToken.checkCharacters,
      KeyToken.check(of: String(rest.prefix(length))) == rest.suffix(KeyToken.checkCharacters)
    else { return nil }
    self.text = text
  }

  var digest: SHA256Digest { SHA256Digest(of: text.utf8) }

  private static func check(of secret: String) -> String {
    String(SHA256Digest(of: "footnote key \(secret)".utf8).description.prefix(checkCharacters))
  }
}
