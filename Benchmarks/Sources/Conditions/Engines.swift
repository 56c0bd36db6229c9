import CFloor
import QuartermasterCEL

/// A way to evaluate the three conditions of W2.
protocol Evaluator {
  /// What it is called in the table.
  var name: String { get }
  /// Evaluates a condition on each of the records, a number of times; returns how often it held.
  func run(_ condition: Int, times: Int64) throws -> Int64
}

/// C over structures: the floor.
struct Native: Evaluator {
  let name = "C over structures"
  private let records: [FloorRecord]

  init() {
    records = (0..<Workload.count).map { k in
      var record = FloorRecord()
      floor_fill(&record, Int32(k))
      return record
    }
  }

  func run(_ condition: Int, times: Int64) -> Int64 {
    floor_run(Int32(condition), records, Int32(records.count), times)
  }
}

/// Programs over records, as the engine judges a rule for a change: through ``RecordProgram``.
struct OverRecords: Evaluator {
  let name: String
  private let workload: Workload
  private let programs: [RecordProgram]

  /// - Parameter items: The list of the third condition: a relation, or a stored list of objects.
  init(_ name: String, _ workload: Workload, items: String) throws {
    self.name = name
    self.workload = workload
    let texts = [
      "r.quantity <= r.threshold",
      "r.quantity <= r.threshold && r.supplier.active && !(r.category in ['x', 'y', 'z']) "
        + "&& r.price * double(r.qty) > 1000.0",
      "r.\(items).exists(i, i.qty > 10 && i.sku.startsWith('A'))",
    ]
    var environment = workload.environment
    // What objects hold is known only at run time; a null there is an error of the evaluation.
    environment.checksNull = false
    programs = try texts.map { text in
      let checked = try environment.check(try environment.parse(ExprSource(text)))
      return RecordProgram(environment.plan(checked, layout: &workload.layout), host: workload)
    }
  }

  func run(_ condition: Int, times: Int64) throws -> Int64 {
    let program = programs[condition]
    var hits: Int64 = 0
    let records = workload.records.map(Unmanaged.passUnretained)
    for _ in 0..<times {
      for place in 0..<records.count {
        let holds = try records[place]._withUnsafeGuaranteedRef { record in
          try program.holds(record)
        }
        if holds { hits += 1 }
      }
    }
    return hits
  }
}

/// Programs by the public interface: values by name, maps in place of records.
struct ByName: Evaluator {
  let name = "QuartermasterCEL, values by name"
  private let programs: [Program]
  private let scopes: [[ProgramScope]]

  init(_ workload: Workload) throws {
    var environment = CELEnvironment.quartermaster
    let object = CELType.map(key: .string, value: .dyn)
    for (name, type) in [
      ("quantity", CELType.int), ("threshold", .int), ("category", .string), ("price", .double),
      ("qty", .int), ("supplier", object), ("items", .list(object)),
    ] {
      environment.declare(VariableDeclaration(name, type))
    }
    environment.checksNull = false
    let programs = try [
      "quantity <= threshold",
      "quantity <= threshold && supplier.active && !(category in ['x', 'y', 'z']) "
        + "&& price * double(qty) > 1000.0",
      "items.exists(i, i.qty > 10 && i.sku.startsWith('A'))",
    ].map { text in try environment.compile(text) }
    self.programs = programs
    scopes = programs.map { program in
      workload.named.map { values in
        let scope = ProgramScope(program)
        for (name, value) in values { scope[name] = value }
        return scope
      }
    }
  }

  func run(_ condition: Int, times: Int64) throws -> Int64 {
    let program = programs[condition]
    var hits: Int64 = 0
    for _ in 0..<times {
      for scope in scopes[condition] where try program.isTrue(scope) { hits += 1 }
    }
    return hits
  }
}
