/// The tables of the engine itself; their names begin with `_`, which no class may.
///
/// The store makes them; what stands in them, apart from `_meta`, `_schema` and `_sequences`, is the engine's.
enum EngineTables {
  /// Marks a file as ours, in its header: `Qrtm`.
  static let applicationID: Int32 = 0x5172_746D
  /// The version of what this page says; a newer file is refused, an older one brought up when it is opened.
  static var formatVersion: Int32 { Int32(formats.count) }

  /// What each version added to the one before it.
  ///
  /// A version that files were written with is never edited.
  static let formats = [first, second, third]

  private static let third = [
    // The names under which users are found, folded, see AccountClass: no two users may have one.
    """
    CREATE TABLE _names (
      field TEXT NOT NULL, name TEXT NOT NULL, user TEXT NOT NULL, PRIMARY KEY (field, name))
      STRICT, WITHOUT ROWID
    """,
    // Who is signed in: by the SHA-256 of a token; times in milliseconds.
    """
    CREATE TABLE _sessions (
      token BLOB PRIMARY KEY, user TEXT NOT NULL, made INTEGER NOT NULL, used INTEGER NOT NULL,
      ends INTEGER NOT NULL) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX \"_sessions(user)\" ON _sessions (user)",
    "CREATE INDEX \"_sessions(ends)\" ON _sessions (ends)",
    // The roles that users were granted.
    """
    CREATE TABLE _roles (
      user TEXT NOT NULL, role TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (user, role))
      STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX \"_roles(role)\" ON _roles (role)",
    // Passwords that were guessed wrongly, by a hash of the name: how often, when last, and until when none is taken.
    """
    CREATE TABLE _guesses (
      who BLOB PRIMARY KEY, count INTEGER NOT NULL, last INTEGER NOT NULL, until INTEGER NOT NULL)
      STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX \"_guesses(last)\" ON _guesses (last)",
  ]

  private static let second = [
    // Who may do what only one process should do, and until when (milliseconds) unless it says so again.
    """
    CREATE TABLE _leases (name TEXT PRIMARY KEY, holder TEXT NOT NULL, until INTEGER NOT NULL)
      STRICT, WITHOUT ROWID
    """,
    // The rules of a set that are switched off, as JSON: see RuleSwitches. Switching makes a new number.
    "ALTER TABLE _rules ADD COLUMN off TEXT",
    // The journal row of the operation that woke a later firing.
    "ALTER TABLE _later ADD COLUMN cause INTEGER",
    // Counts since the file was made, added to now and then: of a kind, under a name (a rule or a class); times in
    // nanoseconds.
    """
    CREATE TABLE _stats (
      kind TEXT NOT NULL, name TEXT NOT NULL, count INTEGER NOT NULL, total INTEGER NOT NULL DEFAULT 0,
      most INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (kind, name)) STRICT, WITHOUT ROWID
    """,
    // What other programs wrote to the tables of classes, kept by triggers until it is taken in. `old`: the row before,
    // see OutsideRow; `counted`: whether the totals were computed anew since.
    """
    CREATE TABLE _outside (
      number INTEGER PRIMARY KEY, class TEXT NOT NULL, id TEXT NOT NULL, kind TEXT NOT NULL, old TEXT,
      at INTEGER NOT NULL, counted INTEGER NOT NULL DEFAULT 0) STRICT
    """,
    // `claimed` and `holder`: who tries it since when; `since`: when its tries began, if they were begun anew; `ended`:
    // when it was delivered, given up or dropped; `once`: the key that its action took, to be given back.
    "ALTER TABLE _outbox ADD COLUMN holder TEXT",
    "ALTER TABLE _outbox ADD COLUMN since INTEGER",
    "ALTER TABLE _outbox ADD COLUMN ended INTEGER",
    "ALTER TABLE _outbox ADD COLUMN once TEXT",
    "CREATE INDEX \"_outbox(message)\" ON _outbox (message)",
    "CREATE INDEX \"_outbox(once)\" ON _outbox (rule, once) WHERE once IS NOT NULL",
    // `rules`: the number of the rule set that queued it.
    "ALTER TABLE _later ADD COLUMN state TEXT NOT NULL DEFAULT 'waiting'",
    "ALTER TABLE _later ADD COLUMN tries INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE _later ADD COLUMN next INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE _later ADD COLUMN since INTEGER",
    "ALTER TABLE _later ADD COLUMN ended INTEGER",
    "ALTER TABLE _later ADD COLUMN error TEXT",
    "ALTER TABLE _later ADD COLUMN actor TEXT",
    "ALTER TABLE _later ADD COLUMN rules INTEGER",
    "CREATE INDEX \"_later(next)\" ON _later (next) WHERE state = 'waiting'",
  ]

  private static let first = [
    // Single values: lastId, …
    "CREATE TABLE _meta (key TEXT PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID",
    // Each schema that was in force; the last is. `shape` is what the tables are like, see SchemaShape.
    """
    CREATE TABLE _schema (
      number INTEGER PRIMARY KEY, at INTEGER NOT NULL, text TEXT NOT NULL, hash TEXT NOT NULL,
      shape TEXT NOT NULL) STRICT
    """,
    // Each rule set that was in force; the last is.
    """
    CREATE TABLE _rules (
      number INTEGER PRIMARY KEY, at INTEGER NOT NULL, text TEXT NOT NULL, hash TEXT NOT NULL) STRICT
    """,
    // One row per operation. Data rows carry the number of their last one in `_last`.
    "CREATE TABLE _journal (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, body BLOB NOT NULL) STRICT",
    // The last journal row of records that are not there any more.
    """
    CREATE TABLE _deleted (
      class TEXT NOT NULL, id TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (class, id))
      STRICT, WITHOUT ROWID
    """,
    // One row per operation that was refused.
    """
    CREATE TABLE _refused (
      number INTEGER PRIMARY KEY, at INTEGER NOT NULL, reason TEXT NOT NULL, rule TEXT,
      message TEXT NOT NULL, body BLOB) STRICT
    """,
    // One row per rule and record that waits. `since`: when the condition became true; `fired`: how often since then.
    """
    CREATE TABLE _timers (
      rule TEXT NOT NULL, record TEXT NOT NULL, since INTEGER NOT NULL, due INTEGER NOT NULL,
      fired INTEGER NOT NULL DEFAULT 0, live INTEGER NOT NULL DEFAULT 1,
      PRIMARY KEY (rule, record)) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX \"_timers(due)\" ON _timers (due, rule, record) WHERE live",
    "CREATE TABLE _schedules (rule TEXT PRIMARY KEY, next INTEGER NOT NULL) STRICT, WITHOUT ROWID",
    """
    CREATE TABLE _once (
      rule TEXT NOT NULL, action INTEGER NOT NULL, key TEXT NOT NULL, at INTEGER NOT NULL,
      PRIMARY KEY (rule, action, key)) STRICT, WITHOUT ROWID
    """,
    // Firings of the phase later that wait for their turn; `old` and `new` are versions of the row as JSON.
    """
    CREATE TABLE _later (
      number INTEGER PRIMARY KEY, rule TEXT NOT NULL, class TEXT NOT NULL, id TEXT NOT NULL, old TEXT, new TEXT,
      at INTEGER NOT NULL) STRICT
    """,
    // Deliveries, in lanes of (channel, address): only the first of a lane is tried.
    """
    CREATE TABLE _outbox (
      number INTEGER PRIMARY KEY, message TEXT, at INTEGER NOT NULL, rule TEXT, channel TEXT NOT NULL,
      address TEXT NOT NULL, body TEXT NOT NULL, key TEXT NOT NULL, state TEXT NOT NULL,
      tries INTEGER NOT NULL DEFAULT 0, next INTEGER NOT NULL, claimed INTEGER, error TEXT) STRICT
    """,
    "CREATE INDEX \"_outbox(lane)\" ON _outbox (channel, address, number) WHERE state = 'waiting'",
    "CREATE INDEX \"_outbox(next)\" ON _outbox (next) WHERE state = 'waiting'",
    "CREATE TABLE _sequences (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID",
    // How far a stream was applied, so that it can go on after it was stopped.
    """
    CREATE TABLE _progress (
      name TEXT PRIMARY KEY, hash TEXT NOT NULL, position INTEGER NOT NULL, line INTEGER NOT NULL,
      at INTEGER) STRICT, WITHOUT ROWID
    """,
  ]
}
