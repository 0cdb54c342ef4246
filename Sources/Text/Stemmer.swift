// Words cut to their stems by libstemmer (Snowball).
// Invariants: one owner a C handle; a stem is never longer than its word plus a few bytes, and never empty.
// Must not: be shared between threads (the handle keeps the last stem); making one costs about a microsecond.
import CStemmer

/// A language that Snowball knows, or none: words are then indexed as they are.
package enum StemmingLanguage: String, Sendable, CaseIterable {
  case none, arabic, danish, dutch, english, finnish, french, german, greek, hungarian, indonesian, irish,
    italian
  case lithuanian, nepali, norwegian, portuguese, romanian, russian, serbian, spanish, swedish, tamil, turkish
}

@safe package struct Stemmer: ~Copyable {
  // Owned: made in init, deleted in deinit, never handed out. Nil for a language that the installed library lacks.
  private let handle: OpaquePointer?

  package init(_ language: StemmingLanguage) {
    guard language != .none else {
      unsafe handle = nil
      return
    }
    unsafe handle = sb_stemmer_new(language.rawValue, "UTF_8")
  }

  deinit { unsafe sb_stemmer_delete(handle) }

  /// Appends the stem of a folded word. What is too short or too long to be a word of a language stays as it is.
  package mutating func stem(_ word: ArraySlice<UInt8>, into stem: inout [UInt8]) {
    guard unsafe handle != nil, word.count > 2, word.count <= 64 else {
      stem.append(contentsOf: word)
      return
    }
    unsafe word.withUnsafeBufferPointer { bytes in
      // The result belongs to the handle and lives until its next call: https://snowballstem.org/runtime/use.html
      let result = unsafe sb_stemmer_stem(handle, bytes.baseAddress, CInt(bytes.count))
      let length = unsafe Int(sb_stemmer_length(handle))
      if let result = unsafe result, length > 0 {
        unsafe stem.append(contentsOf: UnsafeBufferPointer(start: result, count: length))
      } else {
        unsafe stem.append(contentsOf: bytes)
      }
    }
  }

  package mutating func stem(_ word: String) -> String {
    var stem: [UInt8] = []
    self.stem(Array(word.utf8)[...], into: &stem)
    return String(decoding: stem, as: UTF8.self)
  }
}
