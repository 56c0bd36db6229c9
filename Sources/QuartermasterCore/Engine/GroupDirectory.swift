internal import QuartermasterCEL

/// The groups of a project: whom a name in `notify` stands for at this moment.
final class GroupDirectory {
  private enum Members {
    case query(Node, Frame)
    case addresses([String])
  }

  private var groups: [String: Members] = [:]
  /// Whether a group without members gets one, an address that is its name; for tests.
  var fillsEmpty = false

  init(_ settings: ProjectSettings, store: Store, schema: Schema) {
    var environment = CELEnvironment.quartermaster
    environment.recordTypes = schema
    for (name, group) in settings.groups {
      switch group {
      case .addresses(let addresses): groups[name] = .addresses(addresses)
      case .query(let checked):
        var layout = FrameLayout()
        let program = environment.plan(
          checked, layout: &layout, queries: SQLQueryPlanner(schema))
        groups[name] = .query(program.root, Frame(layout, host: store))
      }
    }
  }

  /// Returns the members of a group; none for a group that was not declared.
  func members(of name: String) throws(Refusal) -> [Interpreter.Address] {
    let members = try knownMembers(of: name)
    return members.isEmpty && fillsEmpty ? [.text(name)] : members
  }

  private func knownMembers(of name: String) throws(Refusal) -> [Interpreter.Address] {
    switch groups[name] {
    case nil: return []
    case .addresses(let addresses): return addresses.map { .text($0) }
    case .query(let root, let frame):
      do {
        guard case .list(let items) = try root.eval(frame) else { return [] }
        return items.compactMap {
          if case .record(let record) = $0 { .record(record) } else { nil }
        }
      } catch { throw Refusal(.error, "the group \(name): \(error.message)") }
    }
  }
}
