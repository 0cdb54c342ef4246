// Every bound of the product in one place. Past a limit comes a clear refusal, never a slow death.

package enum Limits {
  // What comes in.
  package static let uploadBytesMax = 256 << 20
  package static let jsonBodyBytesMax = 1 << 20
  package static let jsonDepthMax = 64
  package static let metadataBytesMax = 16 << 10
  package static let questionScalarsMax = 4_000
  package static let nameScalarsMax = 255

  // Models that write.
  package static let chatOutputTokensMax = 1_024
  package static let chatReplyBytesMax = 16 << 20
  package static let streamEventBytesMax = 1 << 20
  package static let keptRepliesMax = 10_000
  package static let structuredCallsMax = 10_000
  package static let modelCallDaysMax = 400
  package static let promptBytesMax = 64 << 10
  package static let structuredReplyBytesMax = 1 << 20
  /// Of a wrong reply that is sent back to be mended.
  package static let quotedReplyBytesMax = 16 << 10

  /// Of one document in an export, with what is known of all its versions.
  package static let exportLineBytesMax = 16 << 20

  // Settings.
  package static let configurationBytesMax = 1 << 20

  // What other servers answer.
  package static let replyBytesMax = 64 << 20
  package static let replyHeaderBytesMax = 256 << 10
  package static let quotedReplyScalarsMax = 300
  package static let dimensionsMax = 4_096

  // What is fetched from addresses that came from outside.
  package static let fetchRedirectsMax = 5
  package static let fetchAddressBytesMax = 4_096
  package static let fetchHostsMax = 1_000
  /// How long a host is left alone that asks for it without saying how long, and the longest that is believed.
  package static let fetchQuietSeconds = 60.0
  package static let fetchQuietSecondsMax = 86_400.0
  package static let feedBytesMax = 16 << 20
  package static let fetchedPageBytesMax = 4 << 20
  package static let robotsBytesMax = 500 << 10
  package static let robotsRulesMax = 2_000
  package static let robotsKeptSeconds = 86_400.0

  // Alerts. Pushover takes 1024 characters and addresses of 512, ntfy 4096 bytes.
  package static let alertLogBytesMax = 256 << 20
  package static let alertNameScalarsMax = 200
  package static let pushoverURLScalarsMax = 512

  // Feeds.
  package static let feedEntriesMax = 1_000
  package static let feedTitleScalarsMax = 2_000
  package static let feedTextScalarsMax = 200_000

  // Files that the measuring commands read.
  package static let measuredBytesMax = 4 << 30

  // Folders.
  package static let folderDepthMax = 128
  package static let ignoreFileBytesMax = 256 << 10
  package static let ignoreRulesMax = 2_000
  package static let pathsPerRequestMax = 1_000
  /// Changes that a watch waits to settle before it looks at the whole folder instead.
  package static let watchedChangesMax = 50_000

  /// Room on the device that is kept for taking things out when it is full.
  package static let ballastBytesMax = 4 << 20
  package static let ballastBytesMin = 64 << 10

  // Ingest.
  /// What is read and cut ahead of the embedder, in bytes and in documents, and what shares a commit.
  package static let aheadBytesMax = 48 << 20
  package static let aheadDocumentsMax = 32
  package static let commitDocumentsMax = 64
  package static let commitChunksMax = 512
  package static let jobsKeptMax = 1_000
  package static let jobsWaitingMax = 256

  // Extraction.
  package static let pagesMax = 20_000
  package static let extractedScalarsMax = 64 << 20
  package static let unpackedBytesMax = 512 << 20
  package static let zipEntriesMax = 20_000
  /// Files taken out of one archive, and how deep archives may lie in one another.
  package static let archiveMembersMax = 5_000
  package static let archiveMemberBytesMax = 256 << 20
  package static let archiveDepthMax = 3
  package static let archiveNameScalarsMax = 1_000
  package static let sheetCellsMax = 4_000_000
  package static let messagePartsMax = 1_000
  package static let messageDepthMax = 5
  package static let groupDepthMax = 500
  package static let xmlDepthMax = 256
  package static let htmlDepthMax = 2_000
  package static let extractionSecondsMax = 60
  /// Of those, for the pages that are pictures.
  package static let recognitionSecondsMax = 40
  /// Processor time for the text of one page of a PDF; past it the page is listed as unread.
  package static let pageSecondsMax = 8.0
  package static let extractionMemoryBytesMax = 1 << 30
  package static let extractionOutputBytesMax = 512 << 20
  package static let workerStartSecondsMax = 20
  package static let workerDocumentsMax = 200
  package static let workerKeptBytesMax = 256 << 20
  package static let workerFilesMax = 64
  package static let workerStackBytes = 8 << 20
  /// Beyond its memory: what its libraries map and never touch.
  package static let workerMappedBytes = 4 << 30

  /// Of what a file says of itself: so many fields, and of each so much of its name and its value.
  package static let propertiesMax = 64
  package static let propertyNameScalarsMax = 100
  package static let propertyScalarsMax = 500

  /// Of a chunk of the plain form.
  package static let chunkWordsMax = 5_000

  // Catalogues of products.
  package static let catalogueRecordBytesMax = 256 << 10
  package static let catalogueKeyBytesMax = 512
  package static let priceMax = 1e12
  /// Products a side that endpoints are asked about when the ensemble is fitted.
  package static let askedProductsMax = 250
  /// What shares a commit, and how many bad rows are told one by one.
  package static let catalogueBatchRecords = 512
  package static let badRowsListedMax = 1_000
  /// Of a very large catalogue so many are trained on, and so many drawn on a map.
  package static let trainingProductsMax = 60_000
  package static let mapPointsMax = 3_000
  package static let priceModelBytesMax = 1 << 30
  package static let catalogueBodyBytesMax = 64 << 20

  // Retrieval.
  package static let resultsMax = 100
  package static let candidatesMax = 1_000
  /// The range that a passage is read in: so many neighbours on each side, and so long in all.
  package static let readingChunksMax = 3
  package static let readingScalarsMax = 4_000
  /// Of a file's name, as it stands in front of each of its passages.
  package static let indexedNameCharactersMax = 80
  package static let vectorsPerIndexMax = 1 << 24
  package static let filterDepthMax = 32
  package static let filterTermsMax = 256
  package static let filterScalarsMax = 8_192

  // Embedding.
  package static let vocabularyPiecesMax = 1 << 20
  package static let weightsHeaderBytesMax = 1 << 20
  package static let weightsFileBytesMax = 1 << 30
  package static let embeddingTextsQueuedMax = 100_000
  /// Paid vectors that belong to no chunk: of questions, and of documents that did not come in.
  package static let paidVectorsMax = 20_000
  package static let reembedBatchChunks = 256

  // Serving.
  package static let connectionsMax = 12_000
  package static let requestsInFlightMax = 64
  package static let idleSecondsMax = 60
  package static let requestsQueuedMax = 128
  /// Threads for requests where most of their time is spent waiting for a model.
  package static let workersThatWait = 32
  package static let eventStreamsMax = 64
  package static let eventQueueBytesMax = 1 << 20
  package static let slowReaderSecondsMax = 20
  package static let transferBytesPerSecondMin = 8 << 10
  package static let transferGraceSeconds = 30
  package static let requestDaysKept = 90
  package static let logBytesMax = 16 << 20
  package static let logFilesMax = 5
  /// Of each connection, for headers and transfers; libmicrohttpd touches all of it, so idle ones cost that much too.
  package static let connectionMemoryBytes = 16 << 10
  package static let targetBytesMax = 8 << 10
  package static let pathSegmentsMax = 32
  package static let headersMax = 100
  /// What is read and thrown away of a refused request, so that its connection can go on.
  package static let drainedBytesMax = 32 << 10

  // Other faces.
  package static let embeddingTextsPerRequest = 2_048
  package static let chatMessagesMax = 1_000
  package static let mcpTextScalarsMax = 100_000

  // Forms.
  package static let boundaryBytesMax = 70
  package static let partsMax = 1_000
  package static let partHeaderBytesMax = 8 << 10
  package static let fieldBytesMax = 64 << 10
  package static let epilogueBytesMax = 1 << 10

  // Words.
  package static let wordBytesMax = 128
  package static let wordPartsMax = 12
  package static let queryWordsMax = 1_024
  package static let queryPhrasesMax = 32
}
