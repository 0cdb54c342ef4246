// A document as bytes and back; see WireForm.swift.
// Must not: accept a document whose ranges leave its text, since the parent builds on them.

extension Document {
  package func wireForm() -> [UInt8] {
    var writer = WireWriter()
    writer.put(text)
    writer.put(title)
    writer.put(format.rawValue)
    writer.put(metadata.count)
    for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
      writer.put(key)
      writer.put(value)
    }
    writer.put(pages)
    writer.put(blocks.count)
    for block in blocks { writer.put(block) }
    writer.put(boxes)
    writer.put(places: boxes)
    writer.put(coverage.count)
    for part in coverage { writer.put(part) }
    writer.put(warnings.count)
    for warning in warnings { writer.put(warning) }
    writer.put(members.count)
    for member in members { writer.put(member) }
    return writer.bytes
  }

  package init(wireForm bytes: [UInt8]) throws {
    var reader = WireReader(bytes)
    text = try reader.string()
    title = try reader.optionalString()
    guard let format = DocumentFormat(rawValue: try reader.string()) else { throw WireFault() }
    self.format = format
    metadata = [:]
    for _ in 0..<(try reader.count(ofItemsTaking: 8)) { metadata[try reader.string()] = try reader.string() }
    pages = []
    for _ in 0..<(try reader.count(ofItemsTaking: 21)) { pages.append(try reader.page()) }
    blocks = []
    for _ in 0..<(try reader.count(ofItemsTaking: 12)) { blocks.append(try reader.block()) }
    boxes = try reader.boxes(withPlaces: true)
    coverage = []
    for _ in 0..<(try reader.count(ofItemsTaking: 5)) { coverage.append(try reader.part()) }
    warnings = []
    for _ in 0..<(try reader.count(ofItemsTaking: 4)) { warnings.append(try reader.string()) }
    for _ in 0..<(try reader.count(ofItemsTaking: 9)) { members.append(try reader.member()) }
    guard reader.isAtEnd, hasRangesInsideText else { throw WireFault() }
  }

  private var hasRangesInsideText: Bool {
    let count = text.unicodeScalars.count
    return pages.allSatisfy { $0.start <= $0.end && $0.end <= count }
      && blocks.allSatisfy { $0.start <= $0.end && $0.end <= count }
      && boxes.runs.allSatisfy { Int($0.start) + Int($0.length) <= count }
  }
}

extension WireWriter {
  mutating func put(_ pages: [PageSpan]) {
    put(pages.count)
    for page in pages {
      put(page.number)
      put(page.label)
      put(page.start)
      put(page.end)
      put(Float(page.width))
      put(Float(page.height))
    }
  }

  mutating func put(_ boxes: BoxMap) {
    put(boxes.runs.count)
    for run in boxes.runs {
      put(run.start)
      put(run.length)
      put(run.page)
      put(run.box)
    }
  }

  /// Apart from the runs, since libraries made before there were places end with those.
  mutating func put(places boxes: BoxMap) {
    put(boxes.runs.map { UInt8($0.isVertical ? 1 : 0) })
    var bytes: [UInt8] = []
    bytes.reserveCapacity(boxes.places.count * 2)
    for place in boxes.places {
      bytes.append(place.low)
      bytes.append(place.high)
    }
    put(bytes)
  }

  mutating func put(_ box: Rectangle) {
    put(box.left)
    put(box.top)
    put(box.right)
    put(box.bottom)
  }

  mutating func put(_ block: Block) {
    let (tag, detail) = block.kind.wireTag
    put(tag)
    put(detail)
    put(block.start)
    put(block.end)
    put(UInt8(block.page == nil ? 0 : 1))
    if let page = block.page { put(page) }
    put(UInt8(block.box == nil ? 0 : 1))
    if let box = block.box { put(box) }
  }

  mutating func put(_ member: ArchiveMember) {
    put(member.name)
    put(member.bytes)
    put(UInt8(member.failure == nil ? 0 : 1))
    if let failure = member.failure { put(failure.wireForm) }
  }

  mutating func put(_ coverage: PartCoverage) {
    put(coverage.part)
    switch coverage.kind {
    case .text: put(UInt8(0))
    case .table: put(UInt8(1))
    case .imageOnly: put(UInt8(2))
    case .skipped(let reason):
      put(UInt8(3))
      put(reason)
    }
  }
}

extension WireReader {
  mutating func page() throws -> PageSpan {
    PageSpan(
      number: try int(), label: try optionalString(), start: try int(), end: try int(), width: Double(try float()),
      height: Double(try float()))
  }

  mutating func boxes(withPlaces: Bool) throws -> BoxMap {
    var runs: [BoxMap.Run] = []
    for _ in 0..<(try count(ofItemsTaking: 28)) {
      runs.append(
        BoxMap.Run(start: try word(), length: try word(), page: try word(), box: try rectangle()))
    }
    guard withPlaces else { return BoxMap(runs: runs, places: []) }
    let directions = try content()
    let bytes = try content()
    guard directions.count == runs.count, bytes.count % 2 == 0 else { throw WireFault() }
    for index in runs.indices { runs[index].isVertical = directions[index] == 1 }
    let places = stride(from: 0, to: bytes.count, by: 2).map { CharacterPlace(low: bytes[$0], high: bytes[$0 + 1]) }
    return BoxMap(runs: runs, places: places)
  }

  mutating func rectangle() throws -> Rectangle {
    Rectangle(left: try float(), top: try float(), right: try float(), bottom: try float())
  }

  mutating func block() throws -> Block {
    guard let kind = Block.Kind(wireTag: try byte(), detail: try byte()) else { throw WireFault() }
    return Block(
      kind: kind, start: try int(), end: try int(), page: try byte() == 0 ? nil : try int(),
      box: try byte() == 0 ? nil : try rectangle())
  }

  mutating func member() throws -> ArchiveMember {
    ArchiveMember(
      name: try string(), bytes: try content(),
      failure: try byte() == 0 ? nil : try IngestFailure(wireForm: try content()))
  }

  mutating func part() throws -> PartCoverage {
    let name = try string()
    switch try byte() {
    case 0: return PartCoverage(part: name, kind: .text)
    case 1: return PartCoverage(part: name, kind: .table)
    case 2: return PartCoverage(part: name, kind: .imageOnly)
    case 3: return PartCoverage(part: name, kind: .skipped(reason: try string()))
    default: throw WireFault()
    }
  }
}

extension Block.Kind {
  fileprivate var wireTag: (tag: UInt8, detail: UInt8) {
    switch self {
    case .heading(let level): (0, UInt8(clamping: level))
    case .paragraph: (1, 0)
    case .listItem: (2, 0)
    case .table: (3, 0)
    case .tableRow(let isHeader): (4, isHeader ? 1 : 0)
    case .header: (5, 0)
    case .footer: (6, 0)
    case .footnote: (7, 0)
    case .code: (8, 0)
    case .caption: (9, 0)
    }
  }

  fileprivate init?(wireTag tag: UInt8, detail: UInt8) {
    switch tag {
    case 0: self = .heading(level: Int(detail))
    case 1: self = .paragraph
    case 2: self = .listItem
    case 3: self = .table
    case 4: self = .tableRow(isHeader: detail == 1)
    case 5: self = .header
    case 6: self = .footer
    case 7: self = .footnote
    case 8: self = .code
    case 9: self = .caption
    default: return nil
    }
  }
}
