public import QuartermasterCEL

extension AccessPolicy {
  /// Reads and checks access.yaml.
  ///
  /// ```yaml
  /// default: deny                       # what is not mentioned; or allow
  /// users: User                         # the class whose records are the users; User if not said
  /// roles: {field: role}                # the field of a user that holds the role; or a list of names
  /// classes:
  ///   Order:
  ///     read: [manager, own: customer.user]      # find, get and count
  ///     create: [manager, own: customer.user]
  ///     update: manager
  ///     delete: nobody
  ///     hidden: {margin: {except: manager}}      # or a list of fields that nobody sees
  ///     read-only: {totalAmount: {except: manager}}
  /// verbs: {allocate: [manager, warehouse]}
  /// signals: {close-day: manager}
  /// ```
  ///
  /// - Parameters:
  ///   - file: The text of access.yaml.
  ///   - schema: The classes that it names.
  /// - Returns: The permissions, and what is probably a mistake in them.
  /// - Throws: All that is wrong, warnings included, in order of place.
  public static func load(
    _ file: SourceFile, schema: Schema
  ) throws(DiagnosticList) -> (policy: AccessPolicy, warnings: [Diagnostic]) {
    let (root, warnings) = try YAMLReader.read(file)
    let loader = AccessLoader(file: file, schema: schema, warnings: warnings)
    let policy = loader.load(root)
    let found = DiagnosticList(loader.diagnostics)
    if found.hasErrors { throw found }
    return (policy, found.items)
  }
}

/// The reading of one access.yaml.
final class AccessLoader: NodeReader {
  private static let keys = ["default", "users", "roles", "classes", "verbs", "signals"]
  let schema: Schema
  private var policy: AccessPolicy
  /// Whether the names of the roles are known, so that others are mistakes.
  private var knowsRoles = false

  init(file: SourceFile, schema: Schema, warnings: [Diagnostic]) {
    self.schema = schema
    policy = AccessPolicy(file: file)
    super.init(area: "access", warnings: warnings)
  }

  func load(_ root: YAMLNode) -> AccessPolicy {
    let options = self.options(of: root, known: Self.keys, what: "access.yaml")
    if let node = options["default"] {
      switch node.text {
      case "deny": policy.allowsByDefault = false
      case "allow": policy.allowsByDefault = true
      default: report(.needs(area, "deny or allow", at: node.span))
      }
    }
    readUsers(options["users"], at: root.span)
    if let node = options["roles"] { readRoles(node) }
    if let node = options["classes"] { readClasses(node) }
    policy.verbs = grants(
      options["verbs"], "verbs", known: Array(schema.verbs.keys)
    ) { .accessUnknownVerb($0, known: $1, at: $2) }
    policy.signals = grants(
      options["signals"], "signals", known: Array(schema.signals.keys)
    ) { .accessUnknownSignal($0, known: $1, at: $2) }
    return policy
  }

  // MARK: Users and roles

  private func readUsers(_ node: YAMLNode?, at place: SourceSpan) {
    if let node, let name = text(node, "the name of a class") {
      policy.userClass = name
      if schema[name] == nil { report(.accessUnknownClass(name, schema, at: node.span)) }
    } else if schema[policy.userClass] == nil {
      report(.accessNoUsers(policy.userClass, at: place))
    }
  }

  private func readRoles(_ node: YAMLNode) {
    if node.pairs == nil {
      for (name, span) in texts(node, "the name of a role") { addRole(name, at: span) }
      knowsRoles = true
      return
    }
    let options = self.options(of: node, known: ["field", "names"], what: "roles")
    if let names = options["names"] {
      for (name, span) in texts(names, "the name of a role") { addRole(name, at: span) }
      knowsRoles = true
    }
    guard let place = options["field"] else {
      report(.accessRolesNeedField(at: node.span))
      return
    }
    guard let name = text(place, "the name of a field"), let users = schema[policy.userClass] else {
      return
    }
    guard let field = users[name] else {
      report(.accessUnknownField(name, of: users, at: place.span))
      return
    }
    switch field.type {
    case .string, .array(of: .string?): break
    default:
      report(.accessRoleField(name, of: users, at: place.span))
      return
    }
    policy.roleField = name
    if !knowsRoles, let names = field.allowed {
      policy.roles = names
      knowsRoles = true
    }
  }

  private func addRole(_ name: String, at span: SourceSpan) {
    if !Principal.isRoleName(name) || Self.words.contains(name) {
      report(.accessRoleName(name, at: span))
    } else if policy.roles.contains(name) {
      report(.accessTwice(name, at: span))
    } else {
      policy.roles.append(name)
    }
  }

  // MARK: Classes

  private func readClasses(_ node: YAMLNode) {
    guard let pairs = mapping(node, "classes") else { return }
    for pair in pairs {
      guard let name = pair.key.text else { continue }
      guard let definition = schema[name] else {
        report(.accessUnknownClass(name, schema, at: pair.key.span))
        continue
      }
      policy.classes[name] = rules(of: definition, pair.value, at: pair.key.span)
    }
  }

  private func rules(
    of definition: ClassDefinition, _ node: YAMLNode, at span: SourceSpan
  ) -> AccessPolicy.ClassRules {
    typealias Verb = AccessPolicy.Verb
    var rules = AccessPolicy.ClassRules(span: span)
    let verbs = Verb.allCases.map(\.rawValue)
    let options = self.options(
      of: node, known: ["read", "write"] + verbs + ["hidden", "read-only"],
      what: "the access to a class")
    for (word, meant) in [
      ("read", [Verb.find, .get, .count]), ("write", [Verb.create, .update, .delete]),
    ] {
      guard let node = options[word] else { continue }
      let found = grantees(node, of: definition)
      for verb in meant { rules.grants[verb] = found }
    }
    for verb in Verb.allCases {
      guard let node = options[verb.rawValue] else { continue }
      // `read: x` beside `get: y` says it of `get` alone.
      rules.grants[verb] = grantees(node, of: definition)
    }
    if let node = options["hidden"] {
      rules.hidden = limits(node, of: definition) { name, span in
        name == "objectId" ? .accessAlwaysSeen(name, at: span) : nil
      }
    }
    if let node = options["read-only"] {
      rules.readOnly = limits(node, of: definition) { name, span in
        definition[name]?.isWritable == true
          ? nil : .accessNeverWritten(name, of: definition, at: span)
      }
    }
    return rules
  }

  /// Reads `[cost, margin]`, or `{cost: {except: [manager]}}`.
  private func limits(
    _ node: YAMLNode, of definition: ClassDefinition,
    problem: (String, SourceSpan) -> Diagnostic?
  ) -> [String: AccessPolicy.FieldLimit] {
    var found: [String: AccessPolicy.FieldLimit] = [:]
    func add(_ name: String, _ exceptions: [AccessPolicy.Grantee], at span: SourceSpan) {
      guard definition.recordType.fields[name] != nil else {
        report(.accessUnknownField(name, of: definition, at: span))
        return
      }
      if let problem = problem(name, span) {
        report(problem)
      } else if found[name] != nil {
        report(.accessTwice(name, at: span))
      } else {
        found[name] = AccessPolicy.FieldLimit(field: name, exceptions: exceptions, span: span)
      }
    }
    guard let pairs = node.pairs else {
      for (name, span) in texts(node, "the name of a field") { add(name, [], at: span) }
      return found
    }
    for pair in pairs {
      guard let name = pair.key.text else { continue }
      let options = self.options(of: pair.value, known: ["except"], what: "a field's limit")
      add(
        name, options["except"].map { grantees($0, of: definition) } ?? [], at: pair.key.span)
    }
    return found
  }

  // MARK: Verbs and signals

  private func grants(
    _ node: YAMLNode?, _ what: String, known: [String],
    _ unknown: (String, [String], SourceSpan) -> Diagnostic
  ) -> [String: [AccessPolicy.Grantee]] {
    guard let node, let pairs = mapping(node, what) else { return [:] }
    var found: [String: [AccessPolicy.Grantee]] = [:]
    for pair in pairs {
      guard let name = pair.key.text else { continue }
      if known.contains(name) {
        found[name] = grantees(pair.value, of: nil)
      } else {
        report(unknown(name, known.sorted(), pair.key.span))
      }
    }
    return found
  }

  // MARK: Whom

  /// The words that are no roles.
  static let words = ["everyone", "signed-in", "nobody"]

  /// Reads one grantee or a list of them.
  private func grantees(
    _ node: YAMLNode, of definition: ClassDefinition?
  ) -> [AccessPolicy.Grantee] {
    if case .empty = node.kind {
      report(.accessNobodyNamed(at: node.span))
      return []
    }
    var found: [AccessPolicy.Grantee] = []
    for item in node.items {
      guard let pairs = item.pairs else {
        if let name = text(item, "everyone, signed-in, nobody, a role, or `own: PATH`") {
          if name == "nobody", node.items.count > 1 { report(.accessNobodyBeside(at: item.span)) }
          if let grantee = grantee(name, at: item.span) { found.append(grantee) }
        }
        continue
      }
      _ = options(of: item, known: ["own", "user"], what: "a grant")
      for pair in pairs {
        switch pair.key.text {
        case "own":
          if let path = ownPath(pair.value, of: definition, at: pair.key.span) {
            found.append(.own(path))
          }
        case "user":
          for (id, span) in texts(pair.value, "the objectId of a user") {
            if id.hasPrefix("role:") { report(.accessUserID(id, at: span)) }
            found.append(.user(id))
          }
        default: break
        }
      }
    }
    return found
  }

  private func grantee(_ name: String, at span: SourceSpan) -> AccessPolicy.Grantee? {
    switch name {
    case "everyone": return .everyone
    case "signed-in": return .signedIn
    case "nobody": return nil
    default:
      if policy.roles.contains(name) { return .role(name) }
      if knowsRoles {
        report(.accessUnknownRole(name, known: policy.roles, at: span))
      } else if !SchemaLoader.isDashedName(name) {
        report(.accessRoleName(name, at: span))
      }
      return .role(name)
    }
  }

  /// Follows `customer.user` from a class to the class of the users.
  private func ownPath(
    _ node: YAMLNode, of definition: ClassDefinition?, at span: SourceSpan
  ) -> [String]? {
    guard let text = text(node, "a path of pointers such as customer.user") else { return nil }
    guard let definition else {
      report(.accessOwnNeedsClass(at: span))
      return nil
    }
    let steps = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    if steps == ["objectId"] {
      if definition.name == policy.userClass { return [] }
      report(.accessOwnID(of: definition, policy.userClass, at: node.span))
      return nil
    }
    var current = definition
    for step in steps {
      guard let field = current[step] else {
        report(.accessUnknownField(step, of: current, at: node.span))
        return nil
      }
      guard let target = field.target, let next = schema[target] else {
        report(.accessNoPointer(step, of: current, in: text, at: node.span))
        return nil
      }
      current = next
    }
    if current.name == policy.userClass { return steps }
    report(.accessPathEnd(text, current, policy.userClass, at: node.span))
    return nil
  }
}
