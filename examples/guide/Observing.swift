import Quartermaster

/// The journal as a sequence: what changed, from a position on.
func observing(_ engine: Engine) async throws {
  let changes = try engine.changes(of: "PurchaseOrder", from: .beginning)
  try await engine.advance(to: try instant("2026-03-02T17:00:00Z"))
  for try await change in changes {
    guard let status = change["status"] else { continue }
    print("order", status.old, "->", status.new, "by", change.rules)
    if case .string("sent") = status.new { break }
  }
}

/// A clock that is moved by hand, for tests and for hosts with a loop of their own.
func waiting(_ engine: Engine) throws {
  let before = engine.now
  try engine.advance(to: try instant("2026-03-07T09:00:00Z"))
  let late = try engine.read { db in
    try db.query("Message.filter(m, m.rule == 'chase-late-supplier').map(m, m.message)")
  }
  print("from", before, "to", engine.now, late)
}

/// Returns an instant.
func instant(_ text: String) throws -> Timestamp {
  guard let instant = Timestamp(text) else { throw Refusal(.error, "\(text) is no instant") }
  return instant
}
