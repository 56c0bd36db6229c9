internal import CSQLite
package import QuartermasterCEL

/// What SQLite says when the machine fails and not the file.
private let passing: Set<Int32> = [
  SQLITE_FULL, SQLITE_BUSY, SQLITE_LOCKED, SQLITE_IOERR, SQLITE_NOMEM, SQLITE_INTERRUPT,
]

extension Refusal {
  /// Makes words of what SQLite said, for which file, and what to do about it.
  ///
  /// - Parameters:
  ///   - code: SQLite's result, extended or not.
  ///   - message: SQLite's words for it.
  ///   - file: The file as the user named it.
  ///   - sql: What was run; only shown for a failure that is ours to mend.
  /// - Returns: The refusal.
  static func storage(_ code: Int32, _ message: String, file: String, doing sql: String? = nil)
    -> Refusal
  {
    func refusal(_ text: String) -> Refusal {
      var refusal = Refusal(.storage, "\(file): \(text) (\(message))")
      refusal.isPassing = passing.contains(code & 0xFF)
      return refusal
    }
    switch code & 0xFF {
    case SQLITE_FULL:
      return refusal("the disk is full; free some space and do it again")
    case SQLITE_BUSY, SQLITE_LOCKED:
      return refusal("another program holds the file locked; close it or wait, and do it again")
    case SQLITE_READONLY:
      return refusal(
        "the file cannot be written; check its permissions and those of its folder")
    case SQLITE_CANTOPEN:
      return refusal("the file cannot be opened; check that the folder exists and its permissions")
    case SQLITE_PERM, SQLITE_AUTH:
      return refusal("access is denied; check the permissions of the file and its folder")
    case SQLITE_NOTADB:
      return refusal("this is not a data file; name another file, or move this one away")
    case SQLITE_CORRUPT:
      return refusal("the file is damaged; restore a backup, or see what `doctor` can read of it")
    case SQLITE_IOERR:
      return refusal("reading or writing the disk failed; check the disk and do it again")
    case SQLITE_NOMEM:
      return refusal("there is not enough memory; do it in smaller parts")
    case SQLITE_INTERRUPT:
      return .interruption("\(file): it was interrupted; nothing of it was kept")
    case SQLITE_TOOBIG:
      return refusal("a text is too long for the file; the limit is a billion bytes")
    case SQLITE_SCHEMA:
      return refusal("another program changed the tables; open the file again")
    default:
      let place = sql.map { " in `\($0)`" } ?? ""
      return Refusal(.storage, "\(file): SQLite error \(code)\(place): \(message)")
    }
  }

  /// The same, as an error of an expression that read the store.
  package var evaluationError: EvaluationError {
    EvaluationError(isInterruption ? .interrupted : .storage, message)
  }
}
