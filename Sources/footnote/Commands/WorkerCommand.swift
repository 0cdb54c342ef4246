// footnote extract-worker: what the pool starts to read files from outside. Nobody types it, so no help lists it.
import App

let workerCommand = CommandSpec(
  name: "extract-worker", arguments: "", positionalMin: 0, positionalMax: 0,
  summary: "reads files for another footnote process, over its standard streams", options: [], isHidden: true
) { _ in ExtractionService.runWorker() }
