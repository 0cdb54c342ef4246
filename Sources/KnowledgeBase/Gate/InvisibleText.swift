// Characters that a reader does not see and a model does: hidden instructions travel in them.

enum InvisibleText {
  /// Zero width, bidi controls, tags, variation selectors, soft hyphens, and controls other than tab and line ends.
  static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x09, 0x0A, 0x0D: false
    case 0...0x1F, 0x7F...0x9F, 0xAD, 0x034F, 0x061C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B...0x180F, 0x200B...0x200F,
      0x202A...0x202E, 0x2060...0x206F, 0x3164, 0xFE00...0xFE0F, 0xFEFF, 0xFFA0, 0xFFF0...0xFFFB, 0xE0000...0xE0FFF:
      true
    default: false
    }
  }

  static func stripped(_ text: String) -> String {
    text.unicodeScalars.contains(where: isInvisible)
      ? String(String.UnicodeScalarView(text.unicodeScalars.filter { !isInvisible($0) })) : text
  }
}
