// By what a server is known that somebody was told of in advance: the SHA-256 of its certificate's public key, in the
// form of RFC 7469. It says nothing of names, so a certificate of whatever name can be held against it.
import CCrypto
import Foundation

package struct PublicKeyPin: Sendable, Equatable {
  /// As libcurl takes it: https://curl.se/libcurl/c/CURLOPT_PINNEDPUBLICKEY.html
  package let text: String

  /// As it was kept; nil where this is none.
  package init?(kept text: String) {
    let prefix = "sha256//"
    guard text.hasPrefix(prefix), Data(base64Encoded: String(text.dropFirst(prefix.count)))?.count == 32 else {
      return nil
    }
    self.text = text
  }

  /// Of the first certificate in a PEM text: a chain begins with the server's own. nil where there is none.
  package init?(certificate pem: String) {
    guard let opened = pem.range(of: "-----BEGIN CERTIFICATE-----"),
      let closed = pem.range(of: "-----END CERTIFICATE-----", range: opened.upperBound..<pem.endIndex),
      let der = Data(
        base64Encoded: String(pem[opened.upperBound..<closed.lowerBound]), options: .ignoreUnknownCharacters),
      let key = PublicKeyPin.publicKey(ofCertificate: Array(der))
    else { return nil }
    text = "sha256//" + Data(SHA256Digest(of: key).bytes).base64EncodedString()
  }

  /// The SubjectPublicKeyInfo: https://docs.openssl.org/3.0/man3/X509_get_pubkey/
  private static func publicKey(ofCertificate der: [UInt8]) -> [UInt8]? {
    unsafe der.withUnsafeBufferPointer { bytes in
      var start = bytes.baseAddress
      guard let certificate = unsafe d2i_X509(nil, &start, bytes.count) else { return nil }
      defer { unsafe X509_free(certificate) }
      var encoded: UnsafeMutablePointer<UInt8>?
      // Encodes into memory of its own: https://docs.openssl.org/3.0/man3/d2i_X509/
      let length = unsafe i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &encoded)
      guard length > 0, let encoded = unsafe encoded else { return nil }
      defer { unsafe CRYPTO_free(encoded, "", 0) }
      return unsafe Array(UnsafeBufferPointer(start: encoded, count: Int(length)))
    }
  }
}
