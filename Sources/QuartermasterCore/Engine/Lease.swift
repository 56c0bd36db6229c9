internal import Foundation
package import QuartermasterCEL

/// Leases: who does what only one process at a time should do, such as deliver.
///
/// A row of `_leases` names the holder and the instant until which nobody else may take its place. The holder renews it
/// before then; a process that died cannot, and is replaced when its time is over. Instants are the computer's, whatever
/// clock the rules run by.
enum Lease {
  /// Takes a lease, or renews it, inside the open commit.
  ///
  /// - Parameters:
  ///   - name: What is leased.
  ///   - holder: Who wants it.
  ///   - span: How long it holds.
  ///   - now: The present instant, in milliseconds.
  ///   - store: The data file.
  /// - Returns: The holder and the end of the lease: the asker, or another one whose time is not over.
  /// - Throws: ``Refusal`` when the file cannot be written.
  static func take(
    _ name: String, holder: String, for span: TimeSpan, at now: Int64, _ store: Store
  ) throws(Refusal) -> (holder: String, until: Int64) {
    if let present = try read(name, store), present.holder != holder, present.until > now {
      // An end beyond what anyone takes is from a clock that ran ahead, and must not block for ever.
      if present.until - now < 86_400_000 { return present }
    }
    let until = now + span.milliseconds
    let write = try store.statement(
      "INSERT OR REPLACE INTO _leases (name, holder, until) VALUES (?1, ?2, ?3)")
    try write.bind(1, name)
    try write.bind(2, holder)
    try write.bind(3, until)
    try write.run()
    return (holder, until)
  }

  /// Gives a lease back, inside the open commit; one that another holds stays.
  static func giveBack(_ name: String, holder: String, _ store: Store) throws(Refusal) {
    let drop = try store.statement("DELETE FROM _leases WHERE name = ?1 AND holder = ?2")
    try drop.bind(1, name)
    try drop.bind(2, holder)
    try drop.run()
  }

  /// Returns who holds a lease and until when; nil when nobody took it.
  static func read(_ name: String, _ session: StoreSession) throws(Refusal)
    -> (holder: String, until: Int64)?
  {
    let read = try session.statement("SELECT holder, until FROM _leases WHERE name = ?1")
    defer { read.reset() }
    try read.bind(1, name)
    return try read.step() ? (read.text(0), read.int(1)) : nil
  }

  /// Returns a name for a holder that no other has: the computer, the process, and a number of its own.
  static func newHolder() -> String {
    var bytes = [CChar](repeating: 0, count: 256)
    let host =
      gethostname(&bytes, 255) == 0
      ? String(decoding: bytes.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
      : "unknown"
    let number = UInt32.random(in: 0...UInt32.max)
    return "\(host)/\(ProcessInfo.processInfo.processIdentifier)/\(String(number, radix: 36))"
  }
}

extension Engine {
  /// Takes a lease for this engine, or renews the one it has.
  ///
  /// - Parameters:
  ///   - name: What only one process at a time should do.
  ///   - span: How long it holds unless it is renewed.
  /// - Returns: Nil when this engine holds it now; else who does.
  /// - Throws: ``Refusal`` when the file cannot be written.
  package func takeLease(_ name: String, for span: TimeSpan) throws(Refusal) -> String? {
    try perform { interpreter throws(Refusal) -> String? in
      let store = interpreter.store
      try store.begin()
      let present = try Lease.take(
        name, holder: identity, for: span, at: SystemClock.milliseconds, store)
      try store.commit()
      return present.holder == identity ? nil : present.holder
    }
  }

  /// Gives a lease back, so that another process need not wait for its end; does nothing when another holds it.
  package func giveBackLease(_ name: String) throws(Refusal) {
    try perform { interpreter throws(Refusal) in
      try interpreter.store.begin()
      try Lease.giveBack(name, holder: identity, interpreter.store)
      try interpreter.store.commit()
    }
  }
}
