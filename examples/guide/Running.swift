import Quartermaster

// Compiled, not run here: these need a file, and somebody who stops them.

/// What the README shows.
func opening() throws {
  let engine = try Engine.open(
    "shop.sqlite", domain: .supply, rules: .publish(folder: "shop/rules"))
  let outcome = try engine.write { db in
    try db.set("Inventory", id: "bolts", ["quantity": 20])
  }
  for firing in outcome.firings { print(firing.rule, firing.record ?? "") }
}

/// What goes on by itself.
func running(_ engine: Engine, log: @escaping @Sendable (String) -> Void) async throws {
  let running = Task {
    try await engine.run { event in
      if case .failed(let message) = event { log(message) }
    }
  }
  // …
  running.cancel()  // finishes the operation and the deliveries in hand
  try await running.value
}

/// The calls of a task, which hold up no thread while they wait.
func waitingInTasks(_ engine: Engine) async throws {
  let outcome = try await engine.write { db in
    try db.set("Inventory", id: "bolts", ["quantity": 12])
  }
  let low = try await engine.read { db in
    try db.query(Product.self, "Product.filter(p, p.onHand <= p.reorderPoint)").map(\.name)
  }
  print(outcome.firings.count, low)
}
