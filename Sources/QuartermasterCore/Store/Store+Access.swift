internal import CSQLite
internal import GRDB
internal import QuartermasterCEL

extension Store.Access {
  /// Runs a body on the writer's queue.
  func write<T>(_ body: () -> T) -> T {
    switch self {
    case .file(let pool): pool.writeWithoutTransaction { _ in body() }
    case .memory(let queue): queue.writeWithoutTransaction { _ in body() }
    }
  }

  /// Runs a body on the writer's queue without waiting for it.
  func writeSoon(_ body: @escaping @Sendable () -> Void) {
    switch self {
    case .file(let pool): pool.asyncWriteWithoutTransaction { _ in body() }
    case .memory(let queue): queue.asyncWriteWithoutTransaction { _ in body() }
    }
  }

  /// Runs a body on a connection that sees one state of the file.
  func read<T>(fileName: String, _ body: (OpaquePointer) -> Result<T, Refusal>)
    -> Result<T, Refusal>
  {
    let run: (Database) -> Result<T, Refusal> = { database in
      guard let connection = database.sqliteConnection else {
        return .failure(Refusal(.storage, "\(fileName): the file is closed"))
      }
      return body(connection)
    }
    do {
      return switch self {
      case .file(let pool): try pool.read(run)
      case .memory(let queue): try queue.read(run)
      }
    } catch { return .failure(.storage(error, file: fileName)) }
  }

  /// Runs a body when no reader and no writer runs.
  func barrier(_ body: () -> Void) -> Refusal? {
    do {
      switch self {
      case .file(let pool): try pool.barrierWriteWithoutTransaction { _ in body() }
      case .memory(let queue): try queue.barrierWriteWithoutTransaction { _ in body() }
      }
      return nil
    } catch { return .storage(error, file: "the data file") }
  }

  /// Closes all connections.
  func close(fileName: String) throws(Refusal) {
    do {
      switch self {
      case .file(let pool): try pool.close()
      case .memory(let queue): try queue.close()
      }
    } catch { throw .storage(error, file: fileName) }
  }

  /// Interrupts what runs on any connection.
  func interrupt() {
    switch self {
    case .file(let pool): pool.interrupt()
    case .memory(let queue): queue.interrupt()
    }
  }
}

extension Refusal {
  /// Makes a refusal of an error of the library that opens and closes the file.
  static func storage(_ error: any Error, file: String) -> Refusal {
    if let error = error as? Refusal { return error }
    if let error = error as? DatabaseError {
      return .storage(
        error.extendedResultCode.rawValue, error.message ?? error.resultCode.description,
        file: file, doing: error.sql)
    }
    return Refusal(.storage, "\(file): \(error)")
  }
}
