// Text in encodings before Unicode: told from the bytes alone, and what is said where that is a guess.
import Testing

@testable import Ingest

@Suite struct EncodingGuessTests {
  private static let texts: [(language: String, text: String, names: [String])] = [
    (
      "Russian", "Каждый человек имеет право на жизнь, на свободу и на личную неприкосновенность.",
      ["CP1251", "KOI8-R", "ISO-8859-5", "IBM866"]
    ),
    ("Ukrainian", "Ніхто не повинен бути в рабстві; її й ґрунт є вільні.", ["CP1251", "KOI8-U"]),
    ("Greek", "Κανείς δεν επιτρέπεται να ζει σε καθεστώς δουλείας, ολικής ή μερικής.", ["CP1253", "ISO-8859-7"]),
    ("Hebrew", "כל בני אדם נולדו בני חורין ושווים בערכם ובזכויותיהם.", ["CP1255", "ISO-8859-8"]),
    ("Arabic", "يولد جميع الناس أحرارا متساوين في الكرامة والحقوق وقد وهبوا عقلا.", ["CP1256", "ISO-8859-6"]),
    ("Thai", "มนุษย์ทั้งหลายเกิดมามีอิสระและเสมอภาคกันในเกียรติศักดิ์และสิทธิ", ["CP874"]),
    ("French", "Nul ne sera tenu en esclavage : l’égalité, la fraternité, où ça naît.", ["CP1252"]),
    ("German", "Füße, Straße, Übergröße und Öl — „schön“ für Mädchen.", ["CP1252", "MACINTOSH"]),
    (
      "Polish", "Wszyscy ludzie rodzą się wolni i równi pod względem swej godności, są też źródłem łaski.",
      ["CP1250", "ISO-8859-2"]
    ),
    (
      "Czech", "Všichni lidé se rodí svobodní a sobě rovní co do důstojnosti a práv, příliš žluťoučký kůň.",
      ["CP1250", "ISO-8859-2"]
    ),
    (
      "Turkish", "Bütün insanlar hür, haysiyet ve haklar bakımından eşit doğarlar; kardeşlik için çalışır.",
      ["CP1254", "ISO-8859-9"]
    ),
    (
      "Lithuanian", "Visi žmonės gimsta laisvi ir lygūs savo orumu ir teisėmis, jiems suteiktas protas ir sąžinė.",
      ["CP1257"]
    ),
    (
      "Japanese", "すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。",
      ["CP932", "EUC-JP", "ISO-2022-JP"]
    ),
    ("Korean", "모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다.", ["CP949"]),
    ("Chinese", "人人生而自由，在尊严和权利上一律平等。他们有理性和良心，并应以兄弟关系的精神相对待。", ["GB18030"]),
    ("Chinese of Taiwan", "人人生而自由，在尊嚴和權利上一律平等。他們有理性和良心，並應以兄弟關係的精神相對待。", ["BIG5"]),
  ]

  private func encode(_ text: String, as name: String) throws -> [UInt8] {
    try #require(encoded(text, as: name), "iconv has no \(name)")
  }

  @Test(arguments: texts.indices)
  func theLettersTellTheEncoding(_ index: Int) throws {
    let (language, text, names) = Self.texts[index]
    for name in names {
      let decoded = try TextDecoding.decode(encode("Article 1: " + text + "\n", as: name))
      #expect(String(decoding: decoded.utf8, as: UTF8.self) == "Article 1: " + text + "\n", "\(language) in \(name)")
    }
  }

  @Test func wideTextWithoutLatinLettersOrSpacesIsTold() throws {
    for (language, text, _) in Self.texts where ["Russian", "Thai", "Japanese", "Chinese"].contains(language) {
      for name in ["UTF-16LE", "UTF-16BE", "UTF-32LE", "UTF-32BE"] {
        let decoded = try TextDecoding.decode(encode(text, as: name))
        #expect(String(decoding: decoded.utf8, as: UTF8.self) == text, "\(language) in \(name)")
      }
    }
  }

  @Test func aFewBadBytesDoNotTurnUTF8IntoSomethingElse() throws {
    let text = "Grüße aus Köln, schöne Straße, für Mädchen, "
    let decoded = try TextDecoding.decode(Array(text.utf8) + [0xFC, 0x62, 0x65, 0x72])
    #expect(String(decoding: decoded.utf8, as: UTF8.self) == text + "über")
    #expect(decoded.encoding == "utf-8")
    #expect(decoded.warning?.contains("one byte") == true)
  }

  @Test func aGuessThatCouldBeAnotherIsSaid() throws {
    // ã of Portuguese, or ă of Romanian.
    let document = try Extraction.extract([0x70, 0xE3, 0x6F], filename: "a.txt", declaredType: nil)
    #expect(document.text == "pão")
    #expect(document.warnings.contains { $0.contains("is possible") })
    let sure = try Extraction.extract(encode(Self.texts[0].text, as: "CP1251"), filename: "a.txt", declaredType: nil)
    #expect(sure.warnings == [])
    #expect(sure.metadata["encoding"] == "windows-1251")
  }

  @Test func tablesAndPagesUseTheSameDecoder() throws {
    let table = try Extraction.extract(
      encode("имя;город\nанна;москва\n", as: "CP1251"), filename: "a.csv", declaredType: nil)
    #expect(table.rows == ["имя | город", "анна | москва"])
    let page = try Extraction.extract(
      Array("<html><p>".utf8) + encode(Self.texts[0].text, as: "KOI8-R"), filename: "a.html", declaredType: nil)
    #expect(page.text == Self.texts[0].text)
  }

  @Test func aDeclaredEncodingWithDamageLosesOnlyTheDamage() throws {
    let page = try Extraction.extract(
      Array("<meta charset=shift_jis><p>".utf8) + encode("日本語の文章", as: "CP932") + [0xFF] + encode("です", as: "CP932"),
      filename: "a.html", declaredType: nil)
    #expect(page.text == "日本語の文章\u{FFFD}です")
    #expect(page.warnings.contains { $0.contains("1 places") })
  }

  @Test func namesAreTakenAsBrowsersTakeThem() {
    #expect(NamedEncoding.decode([0x93, 0x61, 0x94], name: "ISO-8859-1") == Array("“a”".utf8))
    #expect(NamedEncoding.decode([0x61], name: "no such encoding") == nil)
  }

  /// The text of a large file is sampled, and decoded whole.
  @Test func aLateLetterDecidesALongText() throws {
    let late =
      Array(String(repeating: "plain words\n", count: 20_000).utf8) + (try encode("żółć jest źródłem", as: "CP1250"))
    #expect(String(decoding: try TextDecoding.decode(late).utf8, as: UTF8.self).hasSuffix("żółć jest źródłem"))
  }
}
