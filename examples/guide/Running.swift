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
