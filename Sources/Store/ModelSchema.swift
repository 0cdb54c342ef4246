// The tables of what is kept of calls to models: what each took, replies to be given again, good replies in a form.
// Replies hold words of documents; with a document goes what names it, whichever way it is erased.

extension LibrarySchema {
  static let modelTables = """
    CREATE TABLE model_calls (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      at REAL NOT NULL,
      purpose TEXT NOT NULL,
      endpoint TEXT NOT NULL,
      model TEXT NOT NULL,
      outcome TEXT NOT NULL,
      reserved_tokens INTEGER NOT NULL,
      input_tokens INTEGER NOT NULL,
      output_tokens INTEGER NOT NULL,
      is_counted INTEGER NOT NULL,
      is_cached INTEGER NOT NULL,
      cost REAL,
      currency TEXT NOT NULL,
      first_text_ms REAL,
      elapsed_ms REAL NOT NULL,
      attempts INTEGER NOT NULL
    );
    CREATE INDEX model_calls_by_time ON model_calls(at);

    CREATE TABLE kept_replies (
      digest BLOB PRIMARY KEY,
      at REAL NOT NULL,
      documents TEXT NOT NULL,
      reply TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX kept_replies_by_time ON kept_replies(at);

    CREATE TABLE structured_calls (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      at REAL NOT NULL,
      purpose TEXT NOT NULL,
      form TEXT NOT NULL,
      model TEXT NOT NULL,
      documents TEXT NOT NULL,
      request TEXT NOT NULL,
      reply TEXT NOT NULL
    );

    CREATE TRIGGER model_traces_go_with_documents AFTER DELETE ON documents BEGIN
      DELETE FROM kept_replies WHERE instr(documents, OLD.id) > 0;
      DELETE FROM structured_calls WHERE instr(documents, OLD.id) > 0;
    END;
    """
}
