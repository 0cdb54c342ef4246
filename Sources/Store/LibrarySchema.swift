// The tables of a library. SQLite is the truth; graph and keyword index are made from it.
//
// A document is a name in a collection; a version is one content of it. Exactly one version of a document that is in
// use is current (retired_at is null). Chunks are ranges of a version's text; a vector belongs to an embedder and the
// digest of what was embedded, so that equal chunks share it, whichever version they are of. The setting `embedder`
// names the one whose vectors the indexes hold; others' may lie beside them: of a move under way, or paid ones.

package enum LibrarySchema {
  package static let migrations = [
    Migration(number: 1, script: tables), Migration(number: 2, script: vectorsByEmbedder),
    Migration(number: 3, script: modelTables), Migration(number: 4, script: ingest),
    Migration(number: 5, script: otherNames), Migration(number: 6, script: operatorTables),
    Migration(number: 7, script: dealTables), Migration(number: 8, script: properties),
  ]

  private static let tables = """
    CREATE TABLE settings (
      key TEXT PRIMARY KEY,
      value TEXT NOT NULL
    ) WITHOUT ROWID;

    CREATE TABLE collections (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      name TEXT NOT NULL UNIQUE,
      generation INTEGER NOT NULL DEFAULT 0
    );

    CREATE TABLE documents (
      number INTEGER PRIMARY KEY AUTOINCREMENT,
      id TEXT NOT NULL UNIQUE,
      collection INTEGER NOT NULL REFERENCES collections(id),
      filename TEXT NOT NULL,
      path TEXT,
      metadata TEXT NOT NULL,
      added_at REAL NOT NULL,
      removed_at REAL
    );
    CREATE INDEX documents_by_name ON documents(collection, filename);

    CREATE TABLE contents (
      sha256 TEXT PRIMARY KEY,
      bytes BLOB NOT NULL
    );

    CREATE TABLE versions (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      document INTEGER NOT NULL REFERENCES documents(number) ON DELETE CASCADE,
      number INTEGER NOT NULL,
      sha256 TEXT NOT NULL REFERENCES contents(sha256),
      byte_count INTEGER NOT NULL,
      format TEXT NOT NULL,
      title TEXT,
      text BLOB NOT NULL,
      scalar_count INTEGER NOT NULL,
      word_count INTEGER NOT NULL,
      page_count INTEGER,
      layout BLOB NOT NULL,
      coverage TEXT NOT NULL,
      warnings TEXT NOT NULL,
      created_at REAL NOT NULL,
      retired_at REAL,
      UNIQUE (document, number)
    );
    CREATE INDEX versions_by_content ON versions(sha256);

    CREATE TABLE chunks (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      version INTEGER NOT NULL REFERENCES versions(id) ON DELETE CASCADE,
      ordinal INTEGER NOT NULL,
      start_scalar INTEGER NOT NULL,
      end_scalar INTEGER NOT NULL,
      page INTEGER,
      heading TEXT NOT NULL,
      context TEXT NOT NULL,
      digest BLOB NOT NULL
    );
    CREATE INDEX chunks_by_version ON chunks(version, ordinal);
    CREATE INDEX chunks_by_digest ON chunks(digest);

    CREATE TABLE vectors (
      digest BLOB PRIMARY KEY,
      vector BLOB NOT NULL
    ) WITHOUT ROWID;
    """

  /// The setting `embedder` was "name (fingerprint)" before; from here on it is an id.
  private static let vectorsByEmbedder = """
    CREATE TABLE embedders (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      name TEXT NOT NULL,
      fingerprint TEXT NOT NULL,
      dimension INTEGER NOT NULL,
      metered INTEGER NOT NULL,
      UNIQUE (name, fingerprint, dimension)
    );
    INSERT INTO embedders(name, fingerprint, dimension, metered)
      SELECT substr(value, 1, instr(value, ' (') - 1), rtrim(substr(value, instr(value, ' (') + 2), ')'),
        coalesce((SELECT length(vector) / 4 FROM vectors LIMIT 1), 384), 0
      FROM settings WHERE key = 'embedder';
    UPDATE settings SET value = (SELECT CAST(id AS TEXT) FROM embedders) WHERE key = 'embedder';

    CREATE TABLE vectors_by_embedder (
      embedder INTEGER NOT NULL REFERENCES embedders(id) ON DELETE CASCADE,
      digest BLOB NOT NULL,
      vector BLOB NOT NULL,
      PRIMARY KEY (embedder, digest)
    ) WITHOUT ROWID;
    INSERT INTO vectors_by_embedder SELECT (SELECT id FROM embedders), digest, vector FROM vectors;
    DROP TABLE vectors;
    ALTER TABLE vectors_by_embedder RENAME TO vectors;

    CREATE TABLE paid_vectors (
      number INTEGER PRIMARY KEY AUTOINCREMENT,
      embedder INTEGER NOT NULL REFERENCES embedders(id) ON DELETE CASCADE,
      digest BLOB NOT NULL,
      vector BLOB NOT NULL,
      UNIQUE (embedder, digest)
    );
    """

  /// How a version was cut ('' for the library's own way), documents found by their path, and what is on its way in:
  /// a job that was accepted is here before anyone is told so, with the bytes of its files among the contents.
  private static let ingest = """
    ALTER TABLE versions ADD COLUMN chunking TEXT NOT NULL DEFAULT '';
    CREATE INDEX documents_by_path ON documents(collection, path) WHERE path IS NOT NULL;

    CREATE TABLE jobs (
      number INTEGER PRIMARY KEY AUTOINCREMENT,
      id TEXT NOT NULL UNIQUE,
      request TEXT NOT NULL,
      created_at REAL NOT NULL,
      finished_at REAL,
      was_stopped INTEGER NOT NULL DEFAULT 0
    );

    CREATE TABLE job_files (
      job INTEGER NOT NULL REFERENCES jobs(number) ON DELETE CASCADE,
      ordinal INTEGER NOT NULL,
      name TEXT NOT NULL,
      declared_type TEXT,
      sha256 TEXT NOT NULL REFERENCES contents(sha256),
      PRIMARY KEY (job, ordinal)
    ) WITHOUT ROWID;
    CREATE INDEX job_files_by_content ON job_files(sha256);

    CREATE TABLE job_outcomes (
      number INTEGER PRIMARY KEY,
      job INTEGER NOT NULL REFERENCES jobs(number) ON DELETE CASCADE,
      document_id TEXT,
      outcome TEXT NOT NULL
    );
    CREATE INDEX job_outcomes_by_job ON job_outcomes(job);
    CREATE INDEX job_outcomes_by_document ON job_outcomes(document_id);
    """

  /// What a file says of itself: author, dates, subject, the fields of its front matter.
  private static let properties = "ALTER TABLE versions ADD COLUMN properties TEXT NOT NULL DEFAULT '{}';"

  /// The same content at another path is held once: under the first name, with the others here. When the file of the
  /// first name goes or says something else, the document goes on under one of these.
  private static let otherNames = """
    CREATE TABLE other_names (
      document INTEGER NOT NULL REFERENCES documents(number) ON DELETE CASCADE,
      path TEXT NOT NULL,
      filename TEXT NOT NULL,
      PRIMARY KEY (document, path)
    ) WITHOUT ROWID;
    CREATE INDEX other_names_by_path ON other_names(path);
    CREATE INDEX documents_by_place ON documents(path) WHERE path IS NOT NULL;
    """
}
