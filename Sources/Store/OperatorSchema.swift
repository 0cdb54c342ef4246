// The tables of whoever runs a server: API keys, what was done with them, and what requests took.
// A key is here as its digest only. The audit log names no content, and each entry carries the digest of all before it,
// so that one taken out or changed is noticed.

extension LibrarySchema {
  static let operatorTables = """
    CREATE TABLE api_keys (
      number INTEGER PRIMARY KEY AUTOINCREMENT,
      id TEXT NOT NULL UNIQUE,
      name TEXT NOT NULL,
      digest BLOB NOT NULL UNIQUE,
      scope TEXT NOT NULL,
      collections TEXT,
      requests_per_minute INTEGER,
      created_at REAL NOT NULL,
      expires_at REAL,
      revoked_at REAL
    );

    CREATE TABLE audit (
      number INTEGER PRIMARY KEY AUTOINCREMENT,
      at REAL NOT NULL,
      actor TEXT NOT NULL,
      action TEXT NOT NULL,
      object TEXT NOT NULL,
      outcome TEXT NOT NULL,
      request_id TEXT NOT NULL,
      chain BLOB NOT NULL
    );

    CREATE TABLE requests (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      at REAL NOT NULL,
      operation TEXT NOT NULL,
      status INTEGER NOT NULL,
      elapsed_ms REAL NOT NULL,
      key_id TEXT NOT NULL
    );
    CREATE INDEX requests_by_time ON requests(at);
    """
}
