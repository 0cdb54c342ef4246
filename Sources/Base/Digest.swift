// SHA-256 through libcrypto, and hexadecimal text.
import CCrypto

package struct SHA256Digest: Hashable, Sendable, CustomStringConvertible {
  package let bytes: [UInt8]

  /// The digest of the given bytes.
  package init(of content: some Sequence<UInt8>) {
    var hasher = SHA256Hasher()
    hasher.update(content)
    self = hasher.finish()
  }

  /// A digest that was kept; nil where these bytes are none.
  package init?(kept bytes: [UInt8]) {
    guard bytes.count == 32 else { return nil }
    self.bytes = bytes
  }

  fileprivate init(bytes: [UInt8]) { self.bytes = bytes }

  package var description: String { hexadecimal(bytes) }
}

/// Feeds a digest piece by piece; owns its libcrypto context.
@safe package struct SHA256Hasher: ~Copyable {
  // EVP_MD_CTX_new returns NULL only when memory is exhausted; the process cannot go on then.
  private let context: OpaquePointer

  package init() {
    guard let made = unsafe EVP_MD_CTX_new(), unsafe EVP_DigestInit_ex(made, EVP_sha256(), nil) == 1 else {
      preconditionFailure("libcrypto has no SHA-256")
    }
    unsafe context = made
  }

  deinit { unsafe EVP_MD_CTX_free(context) }

  package mutating func update(_ content: some Sequence<UInt8>) {
    let contiguous: Void? = content.withContiguousStorageIfAvailable { bytes in
      _ = unsafe EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
    }
    if contiguous == nil { update(Array(content)) }
  }

  package consuming func finish() -> SHA256Digest {
    var bytes = [UInt8](repeating: 0, count: 32)
    unsafe bytes.withUnsafeMutableBufferPointer { buffer in
      _ = unsafe EVP_DigestFinal_ex(context, buffer.baseAddress, nil)
    }
    return SHA256Digest(bytes: bytes)
  }
}

package func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
  let digits = Array("0123456789abcdef".utf8)
  var text: [UInt8] = []
  for byte in bytes {
    text.append(digits[Int(byte >> 4)])
    text.append(digits[Int(byte & 15)])
  }
  return String(decoding: text, as: UTF8.self)
}
