import QuartermasterCEL
import Testing

@testable import QuartermasterCore

/// A schema with its permissions, and stores with records of it.
struct AccessBench {
  let model: AccessModel
  let schema: Schema
  let policy: AccessPolicy

  init(_ model: AccessModel) throws {
    self.model = model
    schema = try QuartermasterCoreTests.schema(model.schemaText)
    do {
      policy = try AccessPolicy.load(
        SourceFile(name: "access.yaml", text: model.accessText), schema: schema
      ).policy
    } catch {
      Issue.record("\(described(error.items))\n\(model.accessText)")
      throw error
    }
  }

  func store(_ data: AccessData) throws -> Store {
    let store = try Store.open(nil, schema: schema)
    try store.perform { store throws(Refusal) in
      try store.begin()
      try store.deferForeignKeys()
      store.startOperation(now: Timestamp(milliseconds: 0))
      for definition in schema.classes {
        for (id, values) in (data[definition.name] ?? [:]).sorted(by: { $0.key < $1.key }) {
          let row = store.emptyRow(definition.recordType)
          row.values[ClassDefinition.createdAtSlot] = .timestamp(store.now)
          row.values[ClassDefinition.updatedAtSlot] = .timestamp(store.now)
          for field in definition.fields {
            // Nobody looks at a hidden field, and the table needs something.
            if let slot = field.slot { row.values[slot] = values[field.name] ?? field.defaultValue }
          }
          _ = try store.insert(store.record(definition.recordType, id), row, isNew: false)
        }
      }
      try store.commit()
    }
    return store
  }

  /// What a query gives: its value, the code of its error, or the codes of what is wrong with its text.
  func outcome(_ text: String, _ store: Store, _ access: AccessView?, inMemory: Bool = false) throws
    -> String
  {
    let expression: AdHocExpression
    do {
      expression = try AdHocExpression(
        text, schema: schema, now: Timestamp(milliseconds: 0), access: access)
    } catch {
      return "refused: \(error.items.map(\.code))"
    }
    return try store.perform { store throws(Refusal) in
      if inMemory {
        var layout = FrameLayout()
        var environment = CELEnvironment.quartermaster
        environment.recordTypes = schema
        let program = environment.plan(expression.checked, layout: &layout)
        return QuartermasterCoreTests.outcome(program, Frame(layout, host: store))
      }
      do throws(EvaluationError) { return shown(try expression.evaluate(store)) } catch {
        return "error \(error.code): \(error.message)"
      }
    }
  }
}

@Suite struct AccessPropertyTests {
  /// Users with and without roles, and nobody.
  private static func principals(_ random: inout SeededNumbers) -> [Principal] {
    [Principal.anonymous]
      + AccessModel.users.prefix(2).map { id in
        Principal(userID: id, roles: Set(AccessModel.roles.filter { _ in random.chance(40) }))
      }
  }

  @Test(arguments: 1...16)
  func `a query gives somebody what it gives on the records as he may see them`(seed: Int) throws {
    var random = SeededNumbers(seed: UInt64(seed) &* 104_729)
    let bench = try AccessBench(AccessModel(&random))
    let data = bench.model.data(&random)
    let store = try bench.store(data)
    var queries = AccessQueries(bench.model, seed: UInt64(seed))
    var counts = (compared: 0, refused: 0, errors: 0, withRows: 0)
    for principal in Self.principals(&random) {
      let reference = AccessReference(model: bench.model, data: data, principal: principal)
      let censored = try bench.store(reference.censored)
      let view = AccessView(principal, bench.policy, bench.schema)
      for _ in 0..<60 {
        let text = queries.query()
        let isHidden = queries.touched.contains { name in
          let parts = name.split(separator: ".").map(String.init)
          return reference.isHidden(parts[1], parts[0], nil)
        }
        let found = try bench.outcome(text, store, view)
        let why = "\(principal)\n\(text)\n\(bench.model.accessText)\(bench.model.schemaText)"
        if isHidden {
          counts.refused += 1
          #expect(found.contains("access/hidden-field"), "\(found)\n\(why)")
          continue
        }
        let expected = try bench.outcome(text, censored, nil)
        counts.compared += 1
        if expected.hasPrefix("error") { counts.errors += 1 }
        if expected != "[]" { counts.withRows += 1 }
        #expect(found == expected, "\(why)")
        let inMemory = try bench.outcome(text, store, view, inMemory: true)
        #expect(inMemory == expected, "in memory: \(why)")
      }
      try censored.close()
    }
    try store.close()
    #expect(counts.compared > 20)
    print("seed \(seed): \(counts)")
  }
}

extension AccessPropertyTests {
  @Test(arguments: 1...16)
  func `no query tells two databases apart that differ in what may not be seen`(seed: Int) throws {
    var random = SeededNumbers(seed: UInt64(seed) &* 7919)
    let bench = try AccessBench(AccessModel(&random))
    let data = bench.model.data(&random)
    var queries = AccessQueries(bench.model, seed: UInt64(seed) &* 31)
    var answered = 0
    for principal in Self.principals(&random) {
      let reference = AccessReference(model: bench.model, data: data, principal: principal)
      let other = reference.disturbed(&random)
      let (one, two) = (try bench.store(data), try bench.store(other))
      let view = AccessView(principal, bench.policy, bench.schema)
      for _ in 0..<60 {
        let text = queries.query()
        let first = try bench.outcome(text, one, view)
        #expect(
          first == (try bench.outcome(text, two, view)),
          "\(principal)\n\(text)\n\(bench.model.accessText)\(bench.model.schemaText)")
        if !first.hasPrefix("refused") { answered += 1 }
      }
      try one.close()
      try two.close()
    }
    #expect(answered > 20)
  }
}

extension AccessReference {
  /// Returns records that differ from these in what may not be seen, as far as that can be told record by record.
  func disturbed(_ random: inout SeededNumbers) -> AccessData {
    let wanted = censored
    var made = data
    let ids = data.mapValues { $0.keys.sorted() }
    for _ in 0..<40 {
      let item = random.pick(model.classes)
      guard let id = ids[item.name].map({ random.pick($0) }) else { continue }
      var changed = made
      if random.chance(15), item.name != "User", !mayRead(item.name, id) {
        changed[item.name]?[id] = nil
      } else if random.chance(60) {
        let field = random.pick(item.fields)
        changed[item.name]?[id]?[field.name] = model.value(field, ids, &random)
      } else {
        changed[item.name]?[id] = model.row(item, ids, &random)
      }
      // A pointer to what is gone is no database.
      let isWhole = model.classes.allSatisfy { item in
        (changed[item.name] ?? [:]).values.allSatisfy { row in
          item.fields.allSatisfy { field in
            guard case .pointer(let target, _) = field.kind,
              case .string(let other)? = row[field.name]
            else { return true }
            return changed[target]?[other] != nil
          }
        }
      }
      let seen = AccessReference(model: model, data: changed, principal: principal).censored
      if isWhole, Self.text(seen) == Self.text(wanted) { made = changed }
    }
    return made
  }

  private static func text(_ data: AccessData) -> String {
    data.sorted { $0.key < $1.key }.map { name, rows in
      name
        + rows.sorted { $0.key < $1.key }.map { id, row in
          id + row.sorted { $0.key < $1.key }.map { "\($0.key)=\(shown($0.value))" }.joined()
        }.joined(separator: "\n")
    }.joined(separator: "\n")
  }
}
