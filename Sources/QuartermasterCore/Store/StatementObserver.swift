internal import CSQLite

/// Is told of each statement of a store as it begins and as it ends, on the thread that runs it.
///
/// Where there is none it costs nothing. Tests stop a process at such a place.
package final class StatementObserver: Sendable {
  private let body: @Sendable (_ sql: String, _ hasEnded: Bool) -> Void

  /// Creates an observer.
  package init(_ body: @escaping @Sendable (_ sql: String, _ hasEnded: Bool) -> Void) {
    self.body = body
  }

  /// Watches a connection; the observer must live as long as that.
  func watch(_ connection: OpaquePointer) {
    let events = UInt32(SQLITE_TRACE_STMT | SQLITE_TRACE_PROFILE)
    let context = Unmanaged.passUnretained(self).toOpaque()
    sqlite3_trace_v2(
      connection, events,
      { event, context, statement, _ in
        guard let context, let statement, let text = sqlite3_sql(OpaquePointer(statement)) else {
          return 0
        }
        let observer = Unmanaged<StatementObserver>.fromOpaque(context).takeUnretainedValue()
        observer.body(String(cString: text), event == UInt32(SQLITE_TRACE_PROFILE))
        return 0
      }, context)
  }
}
