package import QuartermasterCEL

/// What somebody may do with one record, and why.
package struct AccessExplanation {
  /// An answer with its reason.
  package struct Answer {
    /// What it is about: a verb, or a field.
    package let name: String
    package let isAllowed: Bool
    /// Why, in a few words.
    package let reason: String
  }

  /// Who.
  package let principal: Principal
  /// The place in access.yaml where the class stands; nil where nothing is said of it.
  package let span: SourceSpan?
  /// What may be done, by verb.
  package private(set) var verbs: [Answer] = []
  /// The fields that are hidden in this record, or have been left to be seen.
  package private(set) var fields: [Answer] = []
  /// The fields that may be changed by some alone.
  package private(set) var writes: [Answer] = []
  /// The pointers that are null for him, because what they lead to may not be read.
  package private(set) var nulls: [String] = []

  private let view: AccessView
  private let record: Record
  private let session: StoreSession
  private let definition: ClassDefinition

  /// Explains.
  ///
  /// - Throws: A refusal when the file cannot be read.
  package init(
    _ view: AccessView, _ record: Record, _ session: StoreSession
  ) throws(Refusal) {
    self.view = view
    self.record = record
    self.session = session
    principal = view.principal
    definition = view.schema.classes[record.type.index]
    span = view.policy.classes[definition.name]?.span
    for verb in AccessPolicy.Verb.allCases { verbs.append(try answer(verb)) }
    let rules = view.policy.classes[definition.name]
    for name in definition.recordType.fields.keys.sorted() {
      let condition = view.visibility(of: name, in: record.type)
      if condition == .always, rules?.hidden[name] == nil { continue }
      let isSeen = try view.holds(condition, for: record, session)
      fields.append(
        Answer(
          name: name, isAllowed: isSeen,
          reason: reason(of: name, rules?.hidden[name], isSeen, derived: definition[name])))
    }
    for field in definition.fields where field.isWritable {
      guard
        let condition = view[definition].writable[field.name]
          ?? rules?.readOnly[field.name].map({ _ in .always })
      else { continue }
      let may = try view.holds(condition, for: record, session)
      writes.append(
        Answer(
          name: field.name, isAllowed: may,
          reason: field.isSecret
            ? "it is secret"
            : reason(of: field.name, rules?.readOnly[field.name], may, derived: nil)))
    }
    for field in definition.fields {
      guard let slot = field.slot, let target = field.target.flatMap({ view.schema[$0] }),
        case .string(let id) = record.values[slot],
        try !view.reads(session.record(target.recordType, id), session)
      else { continue }
      nulls.append(field.name)
    }
  }

  // MARK: Verbs

  private func answer(_ verb: AccessPolicy.Verb) throws(Refusal) -> Answer {
    let isAllowed = try view.holds(view[definition][verb], for: record, session)
    var reasons = [try grantReason(verb)]
    if let right = right(verb), definition.hasAccessList { reasons.append(try listReason(right)) }
    return Answer(
      name: verb.rawValue, isAllowed: isAllowed,
      reason: reasons.joined(separator: isAllowed ? ", and " : "; "))
  }

  private func right(_ verb: AccessPolicy.Verb) -> AccessCondition.Right? {
    switch verb {
    case .find, .get, .count: .read
    case .update, .delete: .write
    case .create: nil
    }
  }

  private func grantReason(_ verb: AccessPolicy.Verb) throws(Refusal) -> String {
    if definition.isSystem, [.create, .update, .delete].contains(verb) {
      return "the engine alone writes \(definition.name)"
    }
    if verb == .get || verb == .count, try matched(.find) != nil || defaultAllows(.find) {
      return "who may find it may \(verb.rawValue) it"
    }
    guard let grantees = view.policy.classes[definition.name]?.grants[verb] else {
      let word = view.policy.allowsByDefault ? "allow" : "deny"
      return "access.yaml does not say, and its default is \(word)"
    }
    if let grantee = try matched(verb) { return "it is for \(text(grantee))" }
    if grantees.isEmpty { return "it is for nobody" }
    return "it is for \(grantees.map(text).joined(separator: ", "))"
  }

  private func defaultAllows(_ verb: AccessPolicy.Verb) -> Bool {
    view.policy.allowsByDefault && view.policy.classes[definition.name]?.grants[verb] == nil
  }

  /// The first grantee that he is.
  private func matched(_ verb: AccessPolicy.Verb) throws(Refusal) -> AccessPolicy.Grantee? {
    for grantee in view.policy.classes[definition.name]?.grants[verb] ?? [] {
      if try view.holds(view.condition(grantee), for: record, session) { return grantee }
    }
    return nil
  }

  private func listReason(_ right: AccessCondition.Right) throws(Refusal) -> String {
    guard let slot = definition[AccessPolicy.listField]?.slot,
      case .map(let list) = record.values[slot]
    else { return "it has no ACL" }
    for key in AccessList.keys(of: principal) {
      if case .map(let rights)? = list[key], case .bool(true)? = rights[right.rawValue] {
        return "its ACL grants \(right.rawValue) to \(key)"
      }
    }
    return "its ACL does not grant \(right.rawValue)"
  }

  private func text(_ grantee: AccessPolicy.Grantee) -> String {
    switch grantee {
    case .everyone: "everyone"
    case .signedIn: "whoever is signed in"
    case .role(let name): "the role \(name)"
    case .user(let id): "\(view.policy.userClass)/\(id)"
    case .own(let path):
      path.isEmpty ? "the user himself" : "the user at \(path.joined(separator: "."))"
    }
  }

  // MARK: Fields

  private func reason(
    of name: String, _ limit: AccessPolicy.FieldLimit?, _ isAllowed: Bool,
    derived field: FieldDefinition?
  ) -> String {
    guard let limit else {
      if field?.isSecret == true { return "it is secret" }
      return "it is made of what is hidden"
    }
    if limit.exceptions.isEmpty { return "for nobody but the host" }
    return "for \(limit.exceptions.map(text).joined(separator: ", "))"
  }
}
