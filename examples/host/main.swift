// A host program: opens an engine, adds a verb, a function and a channel of its own, writes, and reads the outcome.
import Foundation
import Quartermaster

let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/shop"
let project = try Project.load(folder: folder)

// A function for conditions, a verb for actions: the schema declares their types.
var functions = FunctionRegistry()
functions.register("inCents") { arguments in
  guard case .decimal(let price)? = arguments.first, let cents = price.stored(scale: 2) else {
    return .int(0)
  }
  return .int(cents)
}
var configuration = Engine.Configuration()
configuration.settings = project.settings
configuration.verbs.register("markDown") { call, context in
  guard let product = call.target, case .int(let percent)? = call.arguments["percent"],
    case .decimal(let price) = try context.value(product, "price"),
    let part = price.multiplied(by: ExactDecimal(coefficient: Int128(100 - percent), scale: 2)),
    let reduced = part.rounded(scale: 2)
  else { return nil }
  try context.set(product, ["price": .decimal(reduced), "onSale": .bool(true)])
  context.note("\(price) became \(reduced)")
  return product
}
// A channel: what `notify … by: console` hands over after the commit.
configuration.channels.register("console") { delivery in
  print("to \(delivery.address): \(delivery.body)")
}

let rules = try LoadedRules(
  files: project.ruleFiles, schema: project.schema, settings: project.settings,
  functions: functions)
let engine = try Engine(
  path: nil, schema: project.schema, rules: rules, configuration: configuration)

try engine.write { db in
  try db.create(
    "Product", id: "vice",
    [
      "name": .string("Bench vice"), "quantity": .int(9), "reorderPoint": .int(3),
      "price": .string("49.90"),
    ])
}
for quantity in [2, 12] as [Int64] {
  let outcome = try engine.write { db in
    try db.set("Product", id: "vice", ["quantity": .int(quantity)])
  }
  for firing in outcome.firings {
    print("\(firing.rule) for \(firing.record ?? "-"): \(firing.notes.joined(separator: ", "))")
  }
}
print("delivered:", try engine.deliver().delivered)
let price = try engine.read { db in
  try db.query("Product.filter(p, p.onSale).map(p, string(p.price)).join()").printed()
}
print("on sale at", price)
