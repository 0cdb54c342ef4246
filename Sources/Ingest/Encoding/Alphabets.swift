// What letters languages write beside a to z, the frequent ones first, and which characters of the large scripts are
// common. Facts about languages, by which encodings that fit the same bytes are told apart.
// Must not: name an encoding; that is for those who score.

enum Alphabets {
  /// Languages in Latin letters.
  private static let latin = [
    "éèàêçôâîùûïëœüæÿ", "äöüß", "óíáéñúü", "ãçáéíóõêâôúàü", "àèìòùéóíú", "ëéïöóèüáê", "àéèíóòçúïü·", "åäöé", "åøæéó",
    "øåæéòôêóàü", "äöåšž", "áðíéóúýþæö", "áíóúýæøð", "áéíóú", "âêîôûŵŷäëïöüáéíóúẃýàèìòùẁỳ", "àèìòùáéó", "ñüç",
    "áéíñóúüïç", "ëçâ", "äõüöšž", "āīšēūņļžķčģōŗ", "ėšžųįąčęū", "łąężćńśźó", "íáéěýžčřšůúňťďó", "íáéčýžšľťúňóôďäŕĺ",
    "áéöőóüíúű", "čšžćđ", "čćđšž", "ăîâșțşţ", "ıüşçğöâîû", "əıüşçğö", "êîûşç", "ħżġċàèìòù", "ĉĝĥĵŝŭ",
    "àáâãèéêìíòóôõùúýăđĩũơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ", "áčđŋšŧžâåäöæø", "åæøâêîôû",
    "ëêéïèôîûáíóúý", "ëéäüöèâêîôû", "êñùàâôü", "éàèòóçíúïüá", "āēīōūʻ", "áéíóúñäëïöü", "ãñõáéíóúýũĩẽỹ",
    "éèàêâôùîûçïëñ", "àáèéìíòóùúńǹḿ", "àéëñóŋ", "òèùñóéíúáü",
  ]

  /// Of each language how far back in its row a letter stands, from 0 to 1; both cases.
  static let latinRanks: [[UInt32: Double]] = latin.map { ranks(of: $0) }

  /// Letters of scripts that one language dominates, by the language's frequencies.
  static let otherRanks: [UInt32: Double] = {
    var all: [UInt32: Double] = [:]
    let rows = [
      "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё", "αοιετνςησρπκμυλωίόγάήέθδύχφβώξζψϊϋΐΰ",
      "اليمنوتربدعفسحهقكجأشطصخةىضذثزغءظئإؤآپچگژکی", "יוהלאתרבמשנדעחקפכםגצזטסןךףץ",
    ]
    for row in rows { all.merge(ranks(of: row)) { old, _ in old } }
    for letter in "іїєґўђјљњћџѓѕќІЇЄҐЎЂЈЉЊЋЏЃЅЌ".unicodeScalars { all[letter.value] = 1.2 }
    for thai in UInt32(0xE01)...0xE5B { all[thai] = 0.4 }
    return all
  }()

  private static func ranks(of row: String) -> [UInt32: Double] {
    let count = Double(row.unicodeScalars.count)
    var ranks: [UInt32: Double] = [:]
    for (place, letter) in row.unicodeScalars.enumerated() {
      ranks[letter.value] = Double(place) / count
      let upper = letter.properties.uppercaseMapping.unicodeScalars
      if upper.count == 1, let one = upper.first, ranks[one.value] == nil { ranks[one.value] = Double(place) / count }
    }
    return ranks
  }

  private static func set(_ characters: String) -> Set<UInt32> { Set(characters.unicodeScalars.map(\.value)) }

  static let hangul = set(
    "이다의는에가을한하고지로은를기사도인어리자그해대들나서아시일정것과라게수있전부으스적제만상보여원주장위동국구안오할성공면중계")

  static let simplified = set(
    """
    的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方多经么去法学如都同现当没动面起看定
    天分还进好小部其些主样理心她本前开但因只从想实日军者意无力它与长把机十民第公此已工使情明性知全三又关点正业外将两高间由问很最重并物手应战向头文体政美相见被
    利什二等产或新己制身果加西斯月话合回特代内信表化老给世位次度门任常先海通教儿原东声提立及比员解水名真论处走义各入几口认条平系气题活尔更别打女变四神总何电数
    安少报才结反受目太量再感建务做接必场件计管期市直德资命山金指克许统区保至队形社便空决治展马科司五基眼书非则听白却界达光放强即像难且权思王象完设式色路记南品
    住告类求据程北边死张该交规万取拉格望觉术领共确传师观清今切院让识候带导争运
    """)

  static let traditional = set(
    """
    的一是不了在人有我他這個們中來上大為和國地到以說時要就出會可也你對生能而子那得於著下自之年過發後作裡用道行所然家種事成方多經麼去法學如都同現當沒動面起看定
    天分還進好小部其些主樣理心她本前開但因只從想實日軍者意無力它與長把機十民第公此已工使情明性知全三又關點正業外將兩高間由問很最重並物手應戰向頭文體政美相見被
    利什二等產或新己制身果加西斯月話合回特代內信表化老給世位次度門任常先海通教兒原東聲提立及比員解水名真論處走義各入幾口認條平系氣題活爾更別打女變四神總何電數
    安少報才結反受目太量再感建務做接必場件計管期市直德資命山金指克許統區保至隊形社便空決治展馬科司五基眼書非則聽白卻界達光放強即像難且權思王象完設式色路記南品
    住告類求據程北邊死張該交規萬取拉格望覺術領共確傳師觀清今切院讓識候帶導爭運
    """)
}
