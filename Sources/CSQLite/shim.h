#ifndef QUARTERMASTER_CSQLITE_H
#define QUARTERMASTER_CSQLITE_H

#include <sqlite3.h>

/* SQLITE_TRANSIENT is a cast that Swift does not import: SQLite copies the bytes before it returns. */
static inline int qm_bind_text(sqlite3_stmt *statement, int index, const char *bytes, int count) {
  return sqlite3_bind_text(statement, index, bytes, count, SQLITE_TRANSIENT);
}

/* As above, for a blob. */
static inline int qm_bind_blob(sqlite3_stmt *statement, int index, const void *bytes, int count) {
  return sqlite3_bind_blob(statement, index, bytes, count, SQLITE_TRANSIENT);
}

/* sqlite3_db_config is variadic. Switches the triggers of one connection on or off. */
static inline int qm_enable_triggers(sqlite3 *db, int on) {
  return sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, on, (int *)0);
}

/* sqlite3_config is variadic. Switches off the counts of memory of the process, which take a lock for each piece of
   memory that SQLite asks for; without effect once SQLite was used. */
static inline int qm_count_no_memory(void) { return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }

#endif
