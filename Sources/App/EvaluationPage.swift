// An evaluation as a page for people: Markdown for a pull request, HTML with bars for a browser. Both say the same.
package import Base

package enum EvaluationPage {
  private struct Row {
    let name: String
    let value: Double?
  }

  private static func sections(_ report: JSON) -> [(title: String, rows: [Row])] {
    func rows(_ value: JSON?, _ prefix: String = "") -> [Row] {
      (value?.object ?? [:]).compactMap { key, value in
        if value.object != nil || value.array != nil || value.string != nil { return nil }
        return Row(name: prefix + key.replacing("_", with: " "), value: value.double)
      }
    }
    return [
      (
        "Retrieval",
        rows(report.recall, "recall at ") + [
          Row(name: "MRR at 10", value: report.mrr10?.double), Row(name: "nDCG at 10", value: report.ndcg10?.double),
        ] + rows(report.answer_in_top, "answer in top ")
      ),
      ("Answers", rows(report.answer)), ("Refusal", rows(report.refusal)), ("Judged", judged(report.judged)),
      ("Latency in ms", rows(report.latency_ms)),
    ]
  }

  /// Each with the number of questions that it holds over.
  private static func judged(_ report: JSON?) -> [Row] {
    (report?.over?.object ?? [:]).map { name, questions in
      Row(name: "\(name.replacing("_", with: " ")), over \(questions.int ?? 0)", value: report?[name]?.double)
    }
  }

  /// What failed, a line a kind; none where nothing did.
  private static func failures(_ report: JSON) -> [String] {
    (report.failures?.kinds?.array ?? []).map { kind in
      let questions = (kind.questions?.array ?? []).compactMap(\.string).joined(separator: ", ")
      return "\(kind.count?.int ?? 0) × \(kind.step?.string ?? ""): \(kind.what?.string ?? "") (\(questions))"
    }
  }

  private static func opening(_ report: JSON) -> String {
    let failed = report.failures?.questions_not_answered?.int ?? 0
    return "\(report.questions?.int ?? 0) questions" + (failed > 0 ? ", \(failed) of them not answered." : ".")
  }

  package static func markdown(_ report: JSON) -> String {
    var text = "# Evaluation\n\n\(opening(report))\n"
    let failures = failures(report)
    if !failures.isEmpty { text += "\n## Failures\n\n" + failures.map { "- \($0)\n" }.joined() }
    for (title, rows) in sections(report) {
      text += "\n## \(title)\n\n| figure | value |\n| --- | --- |\n"
      for row in rows { text += "| \(row.name) | \(shown(row.value)) |\n" }
    }
    text +=
      "\n## Risk and coverage\n\n| least confidence | answered | falsely answered | wrong |\n"
    text += "| --- | --- | --- | --- |\n"
    for point in report.refusal?.curve?.array ?? [] {
      let cells = ["confidence_min", "answered", "falsely_answered", "wrong"].map { shown(point[$0]?.double) }
      text += "| \(cells.joined(separator: " | ")) |\n"
    }
    return text
  }

  package static func html(_ report: JSON) -> String {
    var body = "<h1>Evaluation</h1><p>\(opening(report))</p>"
    let failures = failures(report)
    if !failures.isEmpty {
      body += "<h2>Failures</h2><ul>" + failures.map { "<li>\(escaped($0))</li>" }.joined() + "</ul>"
    }
    for (title, rows) in sections(report) {
      body += "<h2>\(escaped(title))</h2><table>"
      for row in rows {
        let isShare = row.value.map { (0...1).contains($0) } ?? false && !title.hasPrefix("Latency")
        let bar =
          isShare
          ? "<meter min=\"0\" max=\"1\" value=\"\(row.value ?? 0)\"></meter>" : ""
        body += "<tr><th>\(escaped(row.name))</th><td>\(shown(row.value))</td><td>\(bar)</td></tr>"
      }
      body += "</table>"
    }
    body += "<h2>Risk and coverage</h2><table><tr><th>least confidence</th><th>answered</th><th>falsely answered</th>"
    body += "<th>wrong</th></tr>"
    for point in report.refusal?.curve?.array ?? [] {
      body += "<tr>"
      for key in ["confidence_min", "answered", "falsely_answered", "wrong"] {
        body += "<td>\(shown(point[key]?.double))</td>"
      }
      body += "</tr>"
    }
    body += "</table>"
    return """
      <!doctype html><html lang="en"><meta charset="utf-8"><title>Evaluation</title><style>
      body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem}
      th{text-align:left;font-weight:400;padding-right:2rem}td{font-variant-numeric:tabular-nums;padding-right:1rem}
      meter{width:14rem}</style><body>\(body)</body></html>

      """
  }

  private static func shown(_ value: Double?) -> String { value.map { "\(Shapes.rounded($0))" } ?? "–" }

  private static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
  }
}
