// footnote list, show, remove, forget, stats: what the library holds, and taking things out of it.
import App
import Base

let listCommand = CommandSpec(
  name: "list", arguments: "", positionalMin: 0, positionalMax: 0, summary: "the documents that are held", options: []
) { invocation in
  let access = try Session.access(invocation.configuration)
  invocation.console.result(try access.documents()) { shape in
    let documents = shape.documents?.array ?? []
    guard !documents.isEmpty else { return "nothing yet; 'footnote add PATH' adds files and folders\n" }
    return documents.map { document in
      let pages = document.pages?.int.map { "\($0) p." } ?? "-"
      return [
        document.document_id?.string ?? "", Console.printable(document.filename?.string ?? ""), pages,
        "\(document.chunks?.int ?? 0) chunks", document.status?.string ?? "", document.collection?.string ?? "",
      ].joined(separator: "\t") + "\n"
    }.joined()
  }
  return 0
}

let showCommand = CommandSpec(
  name: "show", arguments: "DOC", positionalMin: 1, positionalMax: 1,
  summary: "one document, by its id or file name, with versions, coverage and warnings",
  options: [OptionSpec(name: "text", value: nil, summary: "the extracted text itself, nothing else")]
) { invocation in
  let access = try Session.access(invocation.configuration)
  let reference = invocation.positionals[0]
  if invocation.isSet("text") {
    let text = try access.text(reference)
    invocation.console.result(["text": .string(text)]) { _ in text.hasSuffix("\n") ? text : text + "\n" }
    return 0
  }
  invocation.console.result(try access.document(reference)) { shape in
    var text = ""
    for (key, value) in shape.object ?? [:] {
      switch value {
      case .null: continue
      case .string(let words): text += "\(key)\t\(Console.printable(words))\n"
      case .array(let elements) where key == "coverage":
        for part in elements {
          let reason = part.reason?.string.map { ": \($0)" } ?? ""
          text += "\(part.part?.string ?? "")\t\(part.kind?.string ?? "")\(reason)\n"
        }
      case .array(let elements) where key == "warnings":
        for warning in elements { text += "warning\t\(Console.printable(warning.string ?? ""))\n" }
      case .array(let elements) where key == "versions":
        for version in elements {
          let retired = version.retired_at?.string.map { " to \($0)" } ?? ", current"
          text += "version \(version.version?.int ?? 0)\tfrom \(version.created_at?.string ?? "")\(retired)\n"
        }
      default: text += "\(key)\t\(Console.printable(value.text))\n"
      }
    }
    return text
  }
  return 0
}

let removeCommand = CommandSpec(
  name: "remove", arguments: "DOC…", positionalMin: 1, positionalMax: nil,
  summary: "take documents out of use and erase what they say; one comes back as the same when its file is added",
  options: []
) { invocation in
  try takeOut(invocation) { access, reference in try access.remove(reference) }
}

let forgetCommand = CommandSpec(
  name: "forget", arguments: "DOC…", positionalMin: 1, positionalMax: nil,
  summary: "erase every trace of documents: names, text, versions, vectors, caches, log", options: []
) { invocation in
  try takeOut(invocation) { access, reference in try access.forget(reference) }
}

private func takeOut(
  _ invocation: Invocation, _ action: (any LibraryAccess, String) throws -> JSON
) throws -> Int32 {
  let access = try Session.access(invocation.configuration)
  var done: [JSON] = []
  var failed: [any Failure] = []
  for reference in invocation.positionals {
    do { done.append(try action(access, reference)) } catch { failed.append(PlainFailure.describing(error)) }
  }
  access.finish()
  invocation.console.result(["removed": .array(done)]) { _ in
    done.map { erased in
      let warnings = (erased.warnings?.array ?? []).compactMap(\.string)
      return "\(erased.status?.string ?? "")\t\(Console.printable(erased.filename?.string ?? ""))\n"
        + warnings.map { "\t\(Console.printable($0))\n" }.joined()
    }.joined()
  }
  for failure in failed { invocation.console.error(failure) }
  return failed.isEmpty ? 0 : 1
}

let statsCommand = CommandSpec(
  name: "stats", arguments: "", positionalMin: 0, positionalMax: 0, summary: "what the library holds, in figures",
  options: []
) { invocation in
  let access = try Session.access(invocation.configuration)
  invocation.console.result(try access.statistics()) { shape in
    var text = """
      documents\t\(shape.unique_documents?.int ?? 0)
      chunks\t\(shape.total_chunks?.int ?? 0)
      words\t\(shape.total_words?.int ?? 0)
      characters\t\(shape.total_characters?.int ?? 0)
      average chunk\t\(shape.avg_chunk_size?.double ?? 0) characters\n
      """
    if let embedder = shape.embedder {
      text +=
        "embedder\t\(Console.printable(embedder["name"]?.string ?? "")), \(embedder.dimension?.int ?? 0) numbers "
        + "(\(embedder.fingerprint?.string ?? ""))\n"
    }
    for collection in shape.collections?.array ?? [] {
      text +=
        "collection \(collection.name?.string ?? "")\t\(collection["documents"]?.int ?? 0) documents, "
        + "\(collection["chunks"]?.int ?? 0) chunks\n"
    }
    return text
  }
  return 0
}
