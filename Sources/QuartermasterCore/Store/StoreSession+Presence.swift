package import QuartermasterCEL

extension StoreSession {
  /// Returns whether a live record is there, reading its row when that is not known yet; a pinned version always is.
  package final func isThere(_ record: Record) throws(Refusal) -> Bool {
    if record.isUnloaded { try fetch(record) }
    return !record.isDeleted
  }
}
