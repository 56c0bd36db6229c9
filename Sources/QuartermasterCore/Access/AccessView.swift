package import QuartermasterCEL
internal import Synchronization

/// What one principal may do with the records of a schema, each as a condition.
///
/// Made once for each principal; safe to use from any thread.
package final class AccessView: Sendable {
  /// What may be done with records.
  typealias Verb = AccessPolicy.Verb

  /// What the principal may do with the records of one class.
  struct ClassView: Sendable {
    fileprivate(set) var verbs: [Verb: AccessCondition] = [:]
    /// When a field may be seen, by name; those that are not here always may.
    fileprivate(set) var visible: [String: AccessCondition] = [:]
    /// When a field may be changed, by name; those that are not here always may.
    fileprivate(set) var writable: [String: AccessCondition] = [:]

    /// What must hold of a record after it was changed: as for a change, but its own permissions may be given up.
    fileprivate(set) var afterUpdate = AccessCondition.never

    subscript(_ verb: Verb) -> AccessCondition { verbs[verb] ?? .never }
  }

  /// Who it is about.
  package let principal: Principal
  /// Where it is said.
  package let policy: AccessPolicy
  /// How messages call him: `you` where he asks himself, his name where a rule does in his name.
  let addressee: String
  let schema: Schema
  private let classes: [ClassView]
  /// The expressions that were asked for in his name.
  let shelf = QueryShelf()
  private let judges = Mutex<[Judgement: Program]>([:])

  private struct Judgement: Hashable {
    let place: Int
    let condition: AccessCondition
  }

  package init(
    _ principal: Principal, _ policy: AccessPolicy, _ schema: Schema, addressee: String = "you"
  ) {
    self.principal = principal
    self.policy = policy
    self.addressee = addressee
    self.schema = schema
    let maker = ClassViewMaker(principal: principal, policy: policy, schema: schema)
    var classes = schema.classes.map(maker.rights)
    for definition in schema.classes { maker.addFields(of: definition, to: &classes) }
    self.classes = classes
  }

  subscript(_ type: RecordType) -> ClassView { classes[type.index] }

  subscript(_ definition: ClassDefinition) -> ClassView { classes[definition.index] }

  /// When a field of a record may be seen.
  func visibility(of field: String, in type: RecordType) -> AccessCondition {
    classes[type.index].visible[field] ?? .always
  }

  /// Whether the principal may set a field in any record.
  func maySet(_ field: FieldDefinition, in definition: ClassDefinition) -> Bool {
    self[definition].writable[field.name] != .never
      && visibility(of: field.name, in: definition.recordType) != .never
  }

  /// When the principal is somebody who is named.
  func condition(_ grantee: AccessPolicy.Grantee) -> AccessCondition {
    ClassViewMaker(principal: principal, policy: policy, schema: schema).condition([grantee])
  }

  /// Whether the principal may run a verb that a host or a domain registered.
  func allows(verb name: String) -> Bool { allows(policy.verbs[name]) }

  /// Whether the principal may raise a signal.
  func allows(signal name: String) -> Bool { allows(policy.signals[name]) }

  private func allows(_ grantees: [AccessPolicy.Grantee]?) -> Bool {
    let maker = ClassViewMaker(principal: principal, policy: policy, schema: schema)
    return grantees.map { maker.condition($0) == .always } ?? policy.allowsByDefault
  }

  // MARK: One record

  /// Returns whether a condition holds for a record, or for a version of one.
  ///
  /// - Throws: A refusal when the file cannot be read.
  func holds(
    _ condition: AccessCondition, for record: Record, _ host: any RecordHost
  ) throws(Refusal) -> Bool {
    switch condition {
    case .always: return true
    case .never: return false
    default: break
    }
    do throws(EvaluationError) {
      let program = try program(Judgement(place: record.type.index, condition: condition))
      let frame = Frame(program.layout, host: host)
      frame.records[0] = record
      return try program.root.evalBool(frame)
    } catch {
      // A record that is gone may not be read; all else is the file.
      if error.code == .deletedRecord { return false }
      throw Refusal(.storage, error.message)
    }
  }

  private func program(_ wanted: Judgement) throws(EvaluationError) -> Program {
    if let known = judges.withLock({ $0[wanted] }) { return known }
    let definition = schema.classes[wanted.place]
    var maker = NodeMaker()
    let root = wanted.condition.expr(on: definition.variable, definition, in: schema, &maker)
    var environment = CELEnvironment.quartermaster
    environment.libraries.append(.access)
    environment.recordTypes = schema
    environment.checksNull = false
    var layout = FrameLayout()
    environment.declare(
      VariableDeclaration(
        definition.variable, .record(definition.name), storage: .record(layout.takeRecord())))
    let source = ExprSource("permission", name: policy.file.name)
    let made: Program
    do {
      let checked = try environment.check(
        ParsedExpr(root: root, source: source, nodeCount: maker.count))
      made = environment.plan(checked, layout: &layout)
    } catch {
      throw EvaluationError(
        .invalidArgument,
        "\(policy.file.name): \(error.items.map(\.message).joined(separator: "; "))"
      )
    }
    judges.withLock { $0[wanted] = made }
    return made
  }
}

/// What principals may do who were asked for lately, so that what was planned for them is kept.
///
/// Safe to use from any thread.
final class AccessViews: Sendable {
  private static let most = 256

  private let known = Mutex<[Principal: AccessView]>([:])

  /// Returns what somebody may do, by the one policy and schema that it is always asked with.
  func view(_ principal: Principal, _ policy: AccessPolicy, _ schema: Schema) -> AccessView {
    if let view = known.withLock({ $0[principal] }) { return view }
    let made = AccessView(principal, policy, schema)
    known.withLock { known in
      if known.count >= Self.most { known.removeAll() }
      known[principal] = made
    }
    return made
  }
}

/// Resolves what is said of a class for one principal.
private struct ClassViewMaker {
  let principal: Principal
  let policy: AccessPolicy
  let schema: Schema

  /// Returns when the principal is one of those who are named.
  func condition(_ grantees: [AccessPolicy.Grantee]) -> AccessCondition {
    .either(
      grantees.map { grantee in
        switch grantee {
        case .everyone: return .always
        case .signedIn: return principal.userID == nil ? .never : .always
        case .role(let name): return principal.roles.contains(name) ? .always : .never
        case .user(let id):
          return principal.userID.map { UTF8Text.equal($0, id) } == true ? .always : .never
        case .own(let path): return principal.userID.map { .owned(path, by: $0) } ?? .never
        }
      })
  }

  /// Returns what the principal may do with the records of a class, without the fields.
  func rights(_ definition: ClassDefinition) -> AccessView.ClassView {
    let rules = policy.classes[definition.name]
    var view = AccessView.ClassView()
    for verb in AccessPolicy.Verb.allCases {
      let given = rules?.grants[verb].map(condition)
      view.verbs[verb] = given ?? (policy.allowsByDefault ? .always : .never)
    }
    // The engine alone writes messages.
    if definition.isSystem {
      for verb in [AccessPolicy.Verb.create, .update, .delete] { view.verbs[verb] = .never }
    }
    // Whoever finds a record can count it, and ask for it by its id.
    view.verbs[.get] = .either([view[.find], view[.get]])
    view.verbs[.count] = .either([view[.find], view[.count]])
    view.afterUpdate = view[.update]
    if definition.hasAccessList {
      let keys = AccessList.keys(of: principal)
      for verb in [AccessPolicy.Verb.find, .get, .count] {
        view.verbs[verb] = .both([view[verb], .granted(.read, to: keys)])
      }
      for verb in [AccessPolicy.Verb.update, .delete] {
        view.verbs[verb] = .both([view[verb], .granted(.write, to: keys)])
      }
    }
    return view
  }

  /// Adds when the fields of a class may be seen and changed.
  ///
  /// What is made of hidden fields is hidden, too: a computed field of its own row, a total of the rows below it.
  func addFields(of definition: ClassDefinition, to classes: inout [AccessView.ClassView]) {
    let place = definition.index
    for name in definition.recordType.fields.keys {
      let seen = visibility(of: name, in: definition, classes, [])
      if seen != .always { classes[place].visible[name] = seen }
    }
    for field in definition.fields where field.isWritable {
      var parts: [AccessCondition] = []
      if let limit = policy.classes[definition.name]?.readOnly[field.name] {
        parts.append(condition(limit.exceptions))
      }
      // A password is set by who signs people up.
      if field.isSecret { parts.append(.never) }
      let writable = AccessCondition.both(parts)
      if writable != .always { classes[place].writable[field.name] = writable }
    }
  }

  private func visibility(
    of name: String, in definition: ClassDefinition, _ classes: [AccessView.ClassView],
    _ open: Set<String>
  ) -> AccessCondition {
    let key = definition.name + "." + name
    if open.contains(key) { return .always }
    let open = open.union([key])
    var parts: [AccessCondition] = []
    if let limit = policy.classes[definition.name]?.hidden[name] {
      parts.append(condition(limit.exceptions))
    }
    if let field = definition[name] {
      if field.isSecret { parts.append(.never) }
      switch field.kind {
      case .stored: break
      case .computed(let checked):
        for read in checked.selectedFields {
          parts.append(visibility(of: read, in: definition, classes, open))
          if let target = definition[read]?.target.flatMap({ schema[$0] }) {
            parts.append(fully(classes[target.index][.get]))
          }
        }
      case .rollUp(let total):
        guard let child = schema[total.childClass] else { break }
        var read = total.condition?.selectedFields ?? []
        if case .sum(let field) = total.function { read.insert(field) }
        read.insert(total.childField)
        for name in read { parts.append(fully(visibility(of: name, in: child, classes, open))) }
      }
    } else if case .relation(let relation)? = definition.recordType.fields[name]?.access {
      // Who may not see the pointers may not follow them back.
      let child = schema.classes[relation.source.index]
      if let pointer = child.fields.first(where: { $0.slot == relation.slot }),
        visibility(of: pointer.name, in: child, classes, open) == .never
      {
        parts.append(.never)
      }
    }
    return .both(parts)
  }

  /// What depends on other records counts as never, where it is about all of them.
  private func fully(_ condition: AccessCondition) -> AccessCondition {
    condition == .always ? .always : .never
  }
}

extension CheckedExpr {
  /// The names of the fields that are selected anywhere.
  fileprivate var selectedFields: Set<String> {
    var fields: Set<String> = []
    root.collectSelectedFields(into: &fields)
    return fields
  }
}
