import CProbe
import Foundation
import Quartermaster

/// What permissions cost a query over many rows, when an index serves it.
///
///     swift run -c release --package-path Benchmarks Permissions [ROWS [ROUNDS]]
@main
struct Permissions {
  static let schemaText = """
    domain: permissions
    classes:
      User:
        name: {type: String}
      Customer:
        name: {type: String, required: true}
        user: {type: User, inverse: customers}
      Order:
        acl: true
        customer: {type: Customer, required: true, inverse: orders}
        region: {type: String, required: true}
        day: {type: Integer, required: true}
        amount: {type: Integer, required: true}
        index: [[region, day]]
    """

  static let accessText = """
    roles: [agent]
    classes:
      Customer: {read: [agent, own: user]}
      Order: {read: [agent, own: customer.user]}
    """

  /// A question that gives the same with and without permissions, because all its rows may be read.
  struct Question {
    let name: String
    let text: String
    let who: Principal
  }

  static let customers = 10_000

  static func main() throws {
    let arguments = CommandLine.arguments.dropFirst().compactMap { Int($0) }
    let rows = max(arguments.first ?? 1_000_000, customers)
    let rounds = max(arguments.dropFirst().first ?? 9, 1)
    let folder = FileManager.default.temporaryDirectory.path + "/permissions-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let engine = try engine(folder + "/data.sqlite")
    try fill(engine, rows)
    let agent = Principal(userID: "u1", roles: ["agent"])
    let owner = Principal(userID: "u77", roles: [])
    let questions = [
      Question(
        name: "own orders, by the pointer's index",
        text: "Order.filter(o, o.customer.objectId == 'c77')", who: owner),
      Question(
        name: "number of own orders above an amount",
        text: "Order.filter(o, o.customer.objectId == 'c77' && o.amount > 10).size()", who: owner),
      Question(
        name: "orders of a region on a day, object permissions alone",
        text: "Order.filter(o, o.region == 'r3' && o.day == 7)", who: agent),
      Question(
        name: "their sum",
        text: "Order.filter(o, o.region == 'r3' && o.day == 7).map(o, o.amount).sum()", who: agent),
      // The whole region is this user's: pointer and object permissions are asked of each row.
      Question(
        name: "orders of a region on a day, object and pointer permissions",
        text: "Order.filter(o, o.region == 'own' && o.day == 7)", who: Principal(userID: "u0")),
      Question(
        name: "their sum, object and pointer permissions",
        text: "Order.filter(o, o.region == 'own' && o.day == 7).map(o, o.amount).sum()",
        who: Principal(userID: "u0")),
    ]
    print("\(rows) orders; user CPU of a query, microseconds, median of \(rounds) rounds in turn")
    print("| Query | Rows | Without | With | Ratio | Each in a read: without | with | Ratio |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|")
    for question in questions { try measure(question, engine, rounds) }
  }

  static func measure(_ question: Question, _ engine: Engine, _ rounds: Int) throws {
    let scoped = engine.as(question.who)
    var rows = ""
    let all = try engine.read { try text($0.query(question.text)) }
    let seen = try scoped.read { try text($0.query(question.text)) }
    guard all == seen else {
      throw Failure(text: "\(question.name): \(seen.prefix(80)), not \(all.prefix(80))")
    }
    rows = try engine.read { db in
      switch try db.query(question.text) {
      case .list(let items): "\(items.count)"
      default: "1"
      }
    }
    func kept(_ db: ReadContext, _ times: Int) throws -> Double {
      _ = try db.query(question.text)
      let begun = probe_user()
      for _ in 0..<times { _ = try db.query(question.text) }
      return (probe_user() - begun) / Double(times) * 1e6
    }
    func alone(_ read: ((ReadContext) throws -> Void) throws -> Void) throws -> Double {
      let begun = probe_user()
      for _ in 0..<40 { try read { _ = try $0.query(question.text) } }
      return (probe_user() - begun) / 40 * 1e6
    }
    let once = try engine.read { try kept($0, 20) }
    let times = min(max(Int(200_000 / max(once, 1)), 20), 4000)
    var found = [[Double]](repeating: [], count: 4)
    for _ in 0..<rounds {
      found[0].append(try engine.read { try kept($0, times) })
      found[1].append(try scoped.read { try kept($0, times) })
      found[2].append(try alone { try engine.read($0) })
      found[3].append(try alone { try scoped.read($0) })
    }
    let median = found.map { $0.sorted()[rounds / 2] }
    func ratio(_ a: Int, _ b: Int) -> Double {
      zip(found[a], found[b]).map { $0 / $1 }.sorted()[rounds / 2]
    }
    print(
      String(
        format: "| %@ | %@ | %.1f | %.1f | %.2f | %.0f | %.0f | %.2f |", question.name, rows,
        median[0], median[1], ratio(1, 0), median[2], median[3], ratio(3, 2)))
  }

  static func text(_ value: Value) -> String {
    guard case .list(let items) = value else { return value.description }
    return items.map { item in
      if case .record(let record) = item { record.id } else { item.description }
    }.joined(separator: " ")
  }

  static func engine(_ path: String) throws -> Engine {
    let schema = try Schema.load(SourceFile(name: "schema.yaml", text: schemaText)).schema
    var configuration = Engine.Configuration()
    configuration.access = try AccessPolicy.load(
      SourceFile(name: "access.yaml", text: accessText), schema: schema
    ).policy
    return try Engine(path: path, schema: schema, rules: .none, configuration: configuration)
  }

  /// Every third order says itself who may read it; the others leave it to their class.
  static func fill(_ engine: Engine, _ rows: Int) throws {
    try engine.write { db in
      for number in 0..<customers {
        try db.create("User", id: "u\(number)", ["name": .string("u\(number)")])
        try db.create(
          "Customer", id: "c\(number)",
          ["name": .string("c\(number)"), "user": .string("u\(number)")])
      }
    }
    var number = 0
    while number < rows {
      let end = min(number + 20_000, rows)
      try engine.write { db in
        for place in number..<end {
          let isOwn = place % 50 == 0
          let customer = isOwn ? 0 : place % customers
          var fields: [String: Value] = [
            "customer": .string("c\(customer)"),
            "region": .string(isOwn ? "own" : "r\(place % 49)"),
            "day": .int(Int64(place / 50 % 30)),
            "amount": .int(Int64(place % 100)),
          ]
          if place % 3 == 0 {
            fields["ACL"] = [
              .string("u\(customer)"): ["read": true], "role:agent": ["read": true, "write": true],
            ]
          }
          try db.create("Order", id: "o\(place)", fields)
        }
      }
      number = end
    }
  }

  struct Failure: Error, CustomStringConvertible {
    let text: String
    var description: String { text }
  }
}
