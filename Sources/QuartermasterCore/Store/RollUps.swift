internal import QuartermasterCEL

/// The roll-ups of a schema, by the pointer through which a child reaches its parent.
package final class RollUps: Sendable {
  init(schema: Schema) throws(DiagnosticList) {}
}
