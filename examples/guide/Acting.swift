import Quartermaster

// Compiled, not run here: it needs a project with an access.yaml.

/// The engine in the name of a user.
func acting(_ project: Project, _ rules: LoadedRules, at path: String) async throws {
  var configuration = Engine.Configuration()
  configuration.access = project.access
  let engine = try Engine(
    path: path, schema: project.schema, rules: rules, configuration: configuration)

  let ann = engine.as(Principal(userID: "ann", roles: ["customer"]))
  let open = try await ann.read { db in
    try db.query("Order.filter(o, o.status == 'pending').size()").description
  }
  try await ann.write { db in
    try db.set("Order", id: "so-7", ["reference": "ring twice"])
  }
  for try await change in try ann.changes(of: "Order") { print(change.id, change.kind) }
  print(open)
}
