// PPTX (and PPTM): a slide is a page with its number; its title a heading, then its text and tables in the order of the
// file, then the speaker's notes.
// Invariants: each slide is a part of the ledger. Must not: read layouts and masters, whose text stands on no slide.

enum SlideReader {
  static func read(_ bytes: [UInt8]) throws -> Document {
    let package = try OfficePackage(bytes, format: .pptx)
    let order = SlideOrderHandler()
    guard let part = try package.mainPart(usually: "ppt/presentation.xml"), try package.parse(part, with: order) else {
      throw IngestFailure(.damagedArchive, "the archive holds no presentation", hint: "save it again and add it")
    }
    let relationships = try package.relationships(of: part)
    var builder = DocumentBuilder(format: .pptx)
    builder.metadata = package.coreProperties()
    builder.title = builder.metadata["title"]
    var number = 0
    for id in order.slideIDs {
      guard let relation = relationships[id], !relation.isExternal else { continue }
      number += 1
      builder.beginPage(number: number, label: nil, width: order.widthPoints, height: order.heightPoints)
      try write(slide: relation.target, number: number, of: package, to: &builder)
    }
    builder.endPage()
    guard builder.scalarCount > 0 else {
      let holdsPictures = builder.coverage.contains { $0.kind == .imageOnly }
      throw holdsPictures
        ? IngestFailure(.noText, "the presentation holds pictures and no text")
        : IngestFailure(.emptyDocument, "the presentation holds no text")
    }
    return builder.finish()
  }

  private static func write(
    slide part: String, number: Int, of package: OfficePackage, to builder: inout DocumentBuilder
  ) throws {
    let slide = SlideHandler()
    guard try package.parse(part, with: slide) else {
      builder.coverage.append(PartCoverage(part: "slide \(number)", kind: .skipped(reason: "its part is missing")))
      return
    }
    let before = builder.scalarCount
    if !slide.title.isEmpty {
      try builder.append(slide.title, as: .heading(level: 1), page: number)
      if builder.title == nil { builder.title = slide.title }
    }
    for item in slide.items {
      switch item {
      case .paragraph(let text, let isItem):
        let follows = isItem && builder.blocks.last?.kind == .listItem && builder.blocks.last?.page == number
        try builder.append(
          text, as: isItem ? .listItem : .paragraph, after: follows ? .line : .paragraph, page: number)
      case .table(let rows): try TableWriter.write(TableStack.withCustomaryHeader(rows), to: &builder, page: number)
      }
    }
    let relations = try package.relationships(of: part).values.filter { !$0.isExternal }
    let name = slide.isHidden ? "slide \(number) (hidden)" : "slide \(number)"
    let kind: PartCoverage.Kind =
      builder.scalarCount > before
      ? .text : slide.pictureCount > 0 ? .imageOnly : .skipped(reason: "the slide is empty")
    builder.coverage.append(PartCoverage(part: name, kind: kind))
    if relations.contains(where: { $0.type == "chart" }) {
      builder.coverage.append(
        PartCoverage(part: "charts of slide \(number)", kind: .skipped(reason: "a chart's figures are not read")))
    }
    guard let notes = relations.first(where: { $0.type == "notesSlide" }) else { return }
    let handler = SlideHandler()
    guard try package.parse(notes.target, with: handler) else { return }
    let text = handler.items.compactMap { item in
      if case .paragraph(let text, let isItem) = item { isItem ? String(text.dropFirst(2)) : text } else { nil }
    }.joined(separator: "\n")
    guard !text.isEmpty else { return }
    try builder.append("Speaker notes: " + text, as: .footnote, page: number)
    builder.coverage.append(PartCoverage(part: "notes of slide \(number)", kind: .text))
  }
}

private final class SlideOrderHandler: XMLEventHandler {
  private(set) var slideIDs: [String] = []
  private(set) var widthPoints = 0.0
  private(set) var heightPoints = 0.0
  private static let unitsPerPoint = 12_700.0

  func start(_ name: String, _ attributes: XMLAttributes) throws {
    if name == "p:sldId", let id = attributes["id", prefix: "r"] { slideIDs.append(id) }
    if name == "p:sldSz" {
      widthPoints = (attributes["cx"].flatMap { Double($0) } ?? 0) / Self.unitsPerPoint
      heightPoints = (attributes["cy"].flatMap { Double($0) } ?? 0) / Self.unitsPerPoint
    }
  }
}

/// The shapes of a slide or of its notes.
final class SlideHandler: XMLEventHandler {
  enum Item {
    case paragraph(String, isItem: Bool)
    case table([TableStack.Row])
  }

  private(set) var title = ""
  private(set) var items: [Item] = []
  private(set) var pictureCount = 0
  private(set) var isHidden = false
  private var placeholder: String?
  private var paragraph: [UInt8] = []
  private var tables = TableStack()
  private var cell: [UInt8] = []
  private var collects = false
  private var isItem = false
  private var label: String?
  private var ignoredDepth = 0

  /// What every slide repeats: its number, the date, the footer; on a notes page also the slide's picture.
  private static let furniture: Set<String> = ["sldNum", "dt", "ftr", "hdr", "sldImg"]

  func start(_ name: String, _ attributes: XMLAttributes) throws {
    if ignoredDepth > 0 || name == "mc:Fallback" {
      ignoredDepth += 1
      return
    }
    switch name {
    case "p:sld": isHidden = attributes["show"] == "0"
    case "p:sp": placeholder = nil
    case "p:ph": placeholder = attributes["type"] ?? "obj"
    case "a:p":
      paragraph = []
      isItem = placeholder == "body" || placeholder == "obj"
      label = nil
    case "a:buNone": isItem = false
    case "a:buChar", "a:buAutoNum": isItem = true
    case "a:t", "m:t": collects = true
    case "a:br": paragraph.append(0x0A)
    case "a:tab": paragraph.append(0x09)
    case "a:tbl": tables.open()
    case "a:tc":
      cell = []
      tables.openCell()
    case "p:pic", "a:blip": pictureCount += 1
    default: break
    }
  }

  func text(_ bytes: UnsafeBufferPointer<UInt8>) throws {
    if collects, ignoredDepth == 0 { unsafe paragraph.append(contentsOf: bytes) }
  }

  func end(_ name: String) throws {
    if ignoredDepth > 0 {
      ignoredDepth -= 1
      return
    }
    switch name {
    case "a:t", "m:t": collects = false
    case "a:p": endParagraph()
    case "a:tc": _ = tables.closeCell(cell)
    case "a:tr": tables.closeRow()
    case "a:tbl": items.append(.table(tables.close().rows))
    case "p:sp": placeholder = nil
    default: break
    }
  }

  private func endParagraph() {
    let text = String(decoding: paragraph, as: UTF8.self).trimmingBlanks()
    if text.isEmpty { return }
    if tables.inCell {
      cell += Array((text + " ").utf8)
    } else if placeholder == "title" || placeholder == "ctrTitle" {
      let line = TableStack.oneLine(paragraph)
      title = title.isEmpty ? line : title + " " + line
    } else if !Self.furniture.contains(placeholder ?? "") {
      items.append(.paragraph((isItem ? "• " : "") + text, isItem: isItem))
    }
  }
}
