internal import CSQLite
internal import Foundation
internal import GRDB
internal import QuartermasterCEL

extension Store {
  /// Opens a data file, and makes it when it is not there.
  ///
  /// - Parameters:
  ///   - path: The file; nil for a store in memory.
  ///   - schema: The schema that the caller works with.
  ///   - options: How to open it.
  /// - Returns: The store.
  /// - Throws: A refusal when the file is another program's, newer, locked, damaged or not to be written, or when its
  ///   tables differ from the schema and may not be changed.
  package static func open(_ path: String?, schema: Schema, options: StoreOptions = StoreOptions())
    throws(Refusal) -> Store
  {
    try open(path, schema: schema, options: options, compares: true)
  }

  /// Opens a data file.
  ///
  /// - Parameters:
  ///   - path: The file; nil for a store in memory.
  ///   - schema: The schema that the caller works with.
  ///   - options: How to open it.
  ///   - compares: Whether the tables are compared with the schema; without, nothing may be read of classes.
  /// - Returns: The store.
  /// - Throws: A refusal when the file may not or cannot be opened.
  static func open(_ path: String?, schema: Schema, options: StoreOptions, compares: Bool)
    throws(Refusal) -> Store
  {
    let fileName = path ?? "the store in memory"
    _ = memoryIsNotCounted
    let tables = schema.classes.map { ClassTable($0) }
    try checkNames(schema)
    if let path { try inspect(path, options) }
    let interruption = Interruption()
    let access: Access
    let connection: OpaquePointer?
    do {
      let configuration = configuration(options, interruption)
      if let path {
        let pool = try Self.pool(path, configuration, options)
        access = .file(pool)
        connection = pool.writeWithoutTransaction { $0.sqliteConnection }
      } else {
        let queue = try DatabaseQueue(configuration: configuration)
        access = .memory(queue)
        connection = queue.writeWithoutTransaction { $0.sqliteConnection }
      }
    } catch { throw .storage(error, file: fileName) }
    guard let connection else { throw Refusal(.storage, "\(fileName): the file did not open") }
    let store = Store(
      schema: schema, tables: tables, connection: connection, fileName: fileName, path: path,
      options: options, access: access, interruption: interruption)
    do {
      try store.perform { store throws(Refusal) in try store.prepareFile(compares: compares) }
    } catch {
      try? store.close()
      throw error
    }
    return store
  }

  /// Switches off what SQLite counts of its memory, once for the process, unless somebody has used SQLite before.
  ///
  /// Each piece of memory that it asks for would take a lock. Docs/Decisions/0210.
  private static let memoryIsNotCounted: Bool = qm_count_no_memory() == SQLITE_OK

  /// Opens the connections of a file.
  ///
  /// What GRDB writes to a file without a log, so that there is one, begins with a read: where another process writes in
  /// between, SQLite refuses it at once, and nothing waits. Then it is done again.
  private static func pool(
    _ path: String, _ configuration: Configuration, _ options: StoreOptions
  ) throws -> DatabasePool {
    let end = ContinuousClock.now + .milliseconds(options.busyTimeout)
    while true {
      do { return try DatabasePool(path: path, configuration: configuration) } catch let error
        as DatabaseError where error.resultCode == .SQLITE_BUSY && ContinuousClock.now < end
      {
        usleep(1000)
      }
    }
  }

  private static func configuration(
    _ options: StoreOptions, _ interruption: Interruption
  ) -> Configuration {
    var configuration = Configuration()
    configuration.busyMode = .callback(
      BusyWait.handler(milliseconds: options.busyTimeout, interruption))
    configuration.maximumReaderCount = max(1, options.maximumReaders)
    configuration.foreignKeysEnabled = true
    configuration.prepareDatabase { database in
      guard let connection = database.sqliteConnection else { return }
      // What another program writes is captured by triggers; what we write is known already.
      qm_enable_triggers(connection, 0)
      GrantsFunction.register(connection)
      options.observer?.watch(connection)
      // 10 MB of pages: with the default of 2 MB, changes to random rows of 200,000 took five times as long. What was
      // read once is in memory as records besides.
      try database.execute(sql: "PRAGMA cache_size = -10240")
      try database.execute(sql: "PRAGMA secure_delete = OFF")
      try database.execute(sql: "PRAGMA temp_store = MEMORY")
    }
    return configuration
  }

  /// Looks at the header of a file before anything is written to it.
  ///
  /// `writes`: Whether it must be possible to write it.
  static func inspect(_ path: String, _ options: StoreOptions, writes: Bool = true)
    throws(Refusal)
  {
    let manager = FileManager.default
    var isFolder: ObjCBool = false
    guard manager.fileExists(atPath: path, isDirectory: &isFolder) else {
      if options.createsFile { return }
      throw Refusal(.storage, "\(path): there is no such file")
    }
    if isFolder.boolValue {
      throw Refusal(.storage, "\(path): this is a folder; name a file in it")
    }
    guard let file = FileHandle(forReadingAtPath: path) else {
      throw Refusal(.storage, "\(path): the file cannot be read; check its permissions")
    }
    defer { try? file.close() }
    let header: [UInt8]
    do { header = Array(try file.read(upToCount: 100) ?? Data()) } catch {
      throw Refusal(.storage, "\(path): the file cannot be read (\(error))")
    }
    if header.isEmpty { return }
    guard header.count == 100, header.starts(with: Array("SQLite format 3\0".utf8)) else {
      throw Refusal(
        .storage, "\(path): this is not a data file; name another file, or move this one away")
    }
    func number(at offset: Int) -> Int32 {
      header[offset..<offset + 4].reduce(0) { $0 << 8 | Int32($1) }
    }
    // Offsets 60 and 68 of the header are user_version and application_id (sqlite.org/fileformat2.html).
    let (version, application) = (number(at: 60), number(at: 68))
    if application != 0 || version != 0 {
      try check(application, version, path)
    } else if !(try isHalfMade(path)) {
      try inspectUnmarked(path, options)
    }
    if writes, !manager.isWritableFile(atPath: path) {
      throw Refusal(
        .storage,
        "\(path): the file cannot be written; check its permissions and those of its folder")
    }
  }

  /// Whether a file is empty but for a journal of its first write: making it was cut short.
  ///
  /// Such a journal can only be rolled back by who may write, so the page is read as it is: a leaf (13) without cells
  /// at offset 100 is a schema without tables.
  private static func isHalfMade(_ path: String) throws(Refusal) -> Bool {
    guard FileManager.default.fileExists(atPath: path + "-journal") else { return false }
    guard let file = FileHandle(forReadingAtPath: path) else { return false }
    defer { try? file.close() }
    do {
      let page = Array(try file.read(upToCount: 105) ?? Data())
      return page.count == 105 && page[100] == 13 && page[103] == 0 && page[104] == 0
    } catch {
      throw Refusal(.storage, "\(path): the file cannot be read (\(error))")
    }
  }

  /// Looks into a file without marks: made by another program, or by this one a moment ago, the marks in its log.
  private static func inspectUnmarked(_ path: String, _ options: StoreOptions) throws(Refusal) {
    let found: (application: Int32, tables: Int)
    do {
      var configuration = Configuration()
      configuration.readonly = true
      configuration.busyMode = .callback(
        BusyWait.handler(milliseconds: options.busyTimeout, Interruption()))
      let queue = try DatabaseQueue(path: path, configuration: configuration)
      found = try queue.read { database in
        (
          try Int32.fetchOne(database, sql: "PRAGMA application_id") ?? 0,
          try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master") ?? 0
        )
      }
      try queue.close()
    } catch { throw .storage(error, file: path) }
    if found.application != 0 || found.tables > 0 {
      try check(found.application, 0, path)
    }
  }

  static func check(_ application: Int32, _ version: Int32, _ file: String)
    throws(Refusal)
  {
    if application != EngineTables.applicationID {
      throw Refusal(
        .storage,
        "\(file): this file belongs to another program; name another file for the data")
    }
    if version > EngineTables.formatVersion {
      throw Refusal(
        .storage,
        "\(file): the file was written by a newer version (format \(version), this program knows "
          + "\(EngineTables.formatVersion)); use that version")
    }
  }

  /// Makes the tables of a new file, or compares those of an old one with the schema.
  private func prepareFile(compares: Bool) throws(Refusal) {
    let level = options.durability == .full ? "FULL" : "NORMAL"
    try execute("PRAGMA synchronous = \(level)")
    let application = Int32(truncatingIfNeeded: try integer("PRAGMA application_id") ?? 0)
    let version = Int32(truncatingIfNeeded: try integer("PRAGMA user_version") ?? 0)
    let tableCount = try integer("SELECT count(*) FROM sqlite_master") ?? 0
    if application == 0, version == 0, tableCount == 0 {
      try createTables()
    } else {
      try Self.check(application, version, fileName)
      if version < EngineTables.formatVersion { try bringUp() }
      if compares { try migrateIfAllowed() }
    }
    if compares { try keepTriggers() }
    try loadIDs()
    schemaNumber = try schemaNumberInFile()
    dataVersion = connection.dataVersion()
  }

  private func createTables() throws(Refusal) {
    try execute("BEGIN IMMEDIATE")
    do {
      // Another process may have made them while this one waited for the lock.
      if try integer("SELECT count(*) FROM sqlite_master") ?? 0 > 0 {
        try execute("ROLLBACK")
        return try prepareFile(compares: true)
      }
      for statement in EngineTables.formats.joined() { try execute(statement) }
      for table in tables {
        try execute(TableSQL.create(table, in: schema))
        for index in TableSQL.indexes(table) { try execute(index) }
      }
      try writeSchema()
      try execute("PRAGMA application_id = \(EngineTables.applicationID)")
      try execute("PRAGMA user_version = \(EngineTables.formatVersion)")
      try execute("COMMIT")
    } catch {
      if isInCommit { try? execute("ROLLBACK") }
      throw error
    }
  }

  /// Adds to an older file what this version of the engine's tables has more; the tables of classes stay as they are.
  private func bringUp() throws(Refusal) {
    try execute("BEGIN IMMEDIATE")
    do {
      // Another process may have done it while this one waited for the lock.
      let version = Int(try integer("PRAGMA user_version") ?? 0)
      for format in EngineTables.formats.dropFirst(version) {
        for statement in format { try execute(statement) }
      }
      try execute("PRAGMA user_version = \(EngineTables.formatVersion)")
      try execute("COMMIT")
    } catch {
      if isInCommit { try? execute("ROLLBACK") }
      throw error
    }
  }

  /// Checks what SQL asks of names and the language does not: they are compared without regard to case.
  private static func checkNames(_ schema: Schema) throws(Refusal) {
    func check(_ names: [String], _ taken: Set<String>, _ what: String) throws(Refusal) {
      var seen = taken
      for name in names where !seen.insert(name.lowercased()).inserted {
        throw Refusal(
          .schema,
          "\(what)`\(name)` differs from another name only in case, or is a name of the file itself; "
            + "choose another one")
      }
    }
    try check(schema.classes.map(\.name), [], "the class ")
    for definition in schema.classes {
      if definition.name.hasPrefix("_") || definition.name.lowercased().hasPrefix("sqlite_") {
        throw Refusal(
          .schema,
          "the class `\(definition.name)` may not begin with `_` or `sqlite_`: these are "
            + "names of the file itself; choose another one")
      }
      try check(
        definition.fields.map(\.name), ["objectid", "createdat", "updatedat", "_last", "rowid"],
        "\(definition.name): the field ")
    }
  }
}
