// SQLite as Swift sees it. The shim holds only what Swift cannot call.
#pragma once
#include <sqlite3.h>

// SQLITE_TRANSIENT is a cast macro, which Swift does not import: https://www.sqlite.org/c3ref/c_static.html
static inline int footnote_bind_text(sqlite3_stmt *statement, int index, const char *text, int length) {
  return sqlite3_bind_text(statement, index, text, length, SQLITE_TRANSIENT);
}

static inline int footnote_bind_blob(sqlite3_stmt *statement, int index, const void *bytes, int length) {
  return sqlite3_bind_blob(statement, index, bytes, length, SQLITE_TRANSIENT);
}

// Extended codes are expressions in macros, which Swift does not import: https://www.sqlite.org/rescode.html
static const int footnote_ioerr_write = SQLITE_IOERR_WRITE;

// sqlite3_db_config is variadic: https://www.sqlite.org/c3ref/db_config.html
static inline int footnote_db_config_flag(sqlite3 *database, int option, int value) {
  int now = 0;
  return sqlite3_db_config(database, option, value, &now);
}
