// footnote config: every setting with its value and where that came from.
import App
import Base

let configCommand = CommandSpec(
  name: "config", arguments: "", positionalMin: 0, positionalMax: 0,
  summary: "each setting, its value, and where that came from",
  details: """
    Weakest first: what the product brings, the settings file, the environment, the command line. The file is JSON,
    {"port": 8080, "embedding": {"url": "…"}}; secrets are shown as stars.
    """,
  options: Settings.serving.compactMap { setting in
    setting.option.map { OptionSpec(name: $0, value: "VALUE", summary: setting.help) }
  }
) { invocation in
  let configuration = try invocation.configuration
  let console = invocation.console
  console.result(configuration.shape) { shape in
    let settings = shape.settings?.array ?? []
    func columns(_ setting: JSON) -> [String] {
      let value = setting["value"] ?? .null
      return [
        setting["key"]?.string ?? "", value.isNull ? "-" : value.string ?? value.text, setting.origin?.string ?? "",
      ].map(Console.printable)
    }
    let rows = settings.map(columns)
    // One long list must not push every origin out of the window.
    let widths = (0..<2).map { column in rows.map { min($0[column].count, 50) }.max() ?? 0 }
    return rows.map { row in
      let padded = (0..<2).map { row[$0] + String(repeating: " ", count: max(0, widths[$0] - row[$0].count) + 2) }
      return padded.joined() + console.dim(row[2]) + "\n"
    }.joined()
  }
  if !console.isJSON {
    let state = FileAccess.exists(configuration.filePath) ? "" : ", which is not there"
    console.note("the settings file is \(configuration.filePath)\(state); --json tells what each setting takes")
  }
  for warning in configuration.warnings { console.note("warning: \(Console.printable(warning))") }
  return 0
}
