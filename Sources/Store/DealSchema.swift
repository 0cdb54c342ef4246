// The tables of the deal finder: its feeds, what it has seen, its runs, the deals with their evidence, and the messages
// on their way out. A message is in here, in the same transaction as the decision to send it, before anyone is called.

extension LibrarySchema {
  static let dealTables = """
    CREATE TABLE deal_feeds (
      address TEXT PRIMARY KEY,
      tag TEXT,
      modified TEXT,
      failures INTEGER NOT NULL DEFAULT 0,
      rest_until REAL NOT NULL DEFAULT 0
    ) WITHOUT ROWID;

    CREATE TABLE deal_seen (
      key TEXT PRIMARY KEY,
      at REAL NOT NULL,
      outcome TEXT NOT NULL,
      title TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX deal_seen_by_time ON deal_seen(at);

    CREATE TABLE deal_runs (
      number INTEGER PRIMARY KEY AUTOINCREMENT,
      started_at REAL NOT NULL,
      finished_at REAL,
      report TEXT NOT NULL DEFAULT '{}'
    );

    CREATE TABLE deals (
      number INTEGER PRIMARY KEY AUTOINCREMENT,
      id TEXT NOT NULL UNIQUE,
      run INTEGER NOT NULL,
      found_at REAL NOT NULL,
      description TEXT NOT NULL,
      price REAL NOT NULL,
      currency TEXT NOT NULL,
      url TEXT NOT NULL,
      category TEXT NOT NULL,
      estimate REAL,
      low REAL,
      high REAL,
      parts TEXT NOT NULL,
      comparables TEXT NOT NULL,
      evidence TEXT NOT NULL,
      decision TEXT NOT NULL,
      reason TEXT NOT NULL
    );
    CREATE INDEX deals_by_decision ON deals(decision);

    CREATE TABLE deal_messages (
      number INTEGER PRIMARY KEY AUTOINCREMENT,
      id TEXT NOT NULL,
      channel TEXT NOT NULL,
      deal TEXT NOT NULL,
      body TEXT NOT NULL,
      created_at REAL NOT NULL,
      attempts INTEGER NOT NULL DEFAULT 0,
      next_at REAL NOT NULL,
      state TEXT NOT NULL,
      outcome TEXT NOT NULL DEFAULT '',
      UNIQUE (id, channel)
    );
    CREATE INDEX deal_messages_by_deal ON deal_messages(deal);
    CREATE INDEX deal_messages_by_time ON deal_messages(state, next_at);

    CREATE TRIGGER deal_evidence_goes_with_documents AFTER DELETE ON documents BEGIN
      UPDATE deals SET comparables = '[]' WHERE instr(comparables, OLD.id) > 0;
    END;
    """
}
