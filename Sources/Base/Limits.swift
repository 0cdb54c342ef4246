// Every bound of the product in one place. Past a limit comes a clear refusal, never a slow death.
// The README's table of limits is checked against this file by a test.

package enum Limits {
  // What comes in.
  package static let uploadBytesMax = 256 << 20
  package static let jsonBodyBytesMax = 1 << 20
  package static let jsonDepthMax = 64
  package static let metadataBytesMax = 16 << 10
  package static let questionScalarsMax = 4_000
  package static let nameScalarsMax = 255

  // Extraction.
  package static let pagesMax = 20_000
  package static let extractedScalarsMax = 64 << 20
  package static let unpackedBytesMax = 512 << 20
  package static let zipEntriesMax = 20_000
  package static let xmlDepthMax = 256
  package static let extractionSecondsMax = 60
  package static let extractionMemoryBytesMax = 1 << 30

  // Retrieval.
  package static let resultsMax = 100
  package static let candidatesMax = 1_000
  package static let filterDepthMax = 32
  package static let filterTermsMax = 256

  // Embedding.
  package static let vocabularyPiecesMax = 1 << 20
  package static let weightsHeaderBytesMax = 1 << 20
  package static let weightsFileBytesMax = 1 << 30
  package static let embeddingTextsQueuedMax = 100_000

  // Serving.
  package static let connectionsMax = 12_000
  package static let requestsInFlightMax = 64
  package static let idleSecondsMax = 60
}
