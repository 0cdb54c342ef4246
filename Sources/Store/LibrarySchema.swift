// The tables of a library. SQLite is the truth; graph and keyword index are made from it.
//
// A document is a name in a collection; a version is one content of it. Exactly one version of a document that is in
// use is current (retired_at is null). Chunks are ranges of a version's text; a vector belongs to the digest of what
// was embedded, so that equal chunks share it, whichever version they are of.

package enum LibrarySchema {
  package static let migrations = [Migration(number: 1, script: tables)]

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
}
