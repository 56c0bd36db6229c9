/// What need not be asked of a record, because it is known of the one that leads to it.
///
/// Whoever sees an order because it is his own (`own: customer.user`) may see its customer (`own: user`), and its lines
/// (`own: order.customer.user`): then a query over them is one over its columns and indexes.
extension AccessCondition {
  /// Returns what is left to ask of the record at the end of a pointer.
  ///
  /// - Parameters:
  ///   - known: What holds for the record with the pointer.
  ///   - pointer: The field.
  /// - Returns: The parts that do not follow.
  func left(knowing known: AccessCondition, through pointer: String) -> AccessCondition {
    left { part in part.through(pointer).map(known.implies) ?? false }
  }

  /// Returns what is left to ask of a record that points at one of which something is known.
  ///
  /// - Parameters:
  ///   - known: What holds for the record that is pointed at.
  ///   - pointer: The field that points at it.
  /// - Returns: The parts that do not follow.
  func left(knowing known: AccessCondition, ofOwnerBy pointer: String) -> AccessCondition {
    left { part in part.behind(pointer).map(known.implies) ?? false }
  }

  private func left(_ follows: (AccessCondition) -> Bool) -> AccessCondition {
    if follows(self) { return .always }
    guard case .all(let parts) = self else { return self }
    return .both(parts.map { $0.left(follows) })
  }

  /// Whether another condition on the same record holds wherever this one does, as far as that is found out.
  func implies(_ other: AccessCondition) -> Bool {
    if self == other || other == .always || self == .never { return true }
    if case .all(let parts) = other { return parts.allSatisfy { implies($0) } }
    if case .any(let parts) = self { return parts.allSatisfy { $0.implies(other) } }
    if case .any(let parts) = other, parts.contains(where: { implies($0) }) { return true }
    if case .all(let parts) = self { return parts.contains { $0.implies(other) } }
    return false
  }

  /// Returns this condition on the record at the end of a pointer as one on the record with the pointer; nil where it
  /// cannot be said there.
  private func through(_ pointer: String) -> AccessCondition? {
    moved { path in [pointer] + path }
  }

  /// Returns this condition on a record as one on the record that its pointer points at.
  private func behind(_ pointer: String) -> AccessCondition? {
    moved { path in path.first == pointer ? Array(path.dropFirst()) : nil }
  }

  private func moved(_ move: ([String]) -> [String]?) -> AccessCondition? {
    switch self {
    case .always, .never: return self
    case .granted: return nil
    case .owned(let path, let user): return move(path).map { .owned($0, by: user) }
    case .all(let parts), .any(let parts):
      let moved = parts.compactMap { $0.moved(move) }
      guard moved.count == parts.count else { return nil }
      if case .all = self { return .both(moved) }
      return .either(moved)
    }
  }
}
