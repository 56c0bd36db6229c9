package import QuartermasterCEL

/// What a write gives for a field.
package enum FieldInput {
  /// A value of the language: of an expression, a literal or a host.
  case value(Value)
}

/// The one door: every write of a host, a rule, an import or a timer goes through it.
///
/// A write decodes and types its values, checks pointers, lets the before rules set fields or refuse, checks the
/// schema, writes the row, and changes the roll-ups of its parents by the difference, each a change of the parent.
package final class Writer {
  /// Where it writes.
  package let store: Store
  /// The rules; without them none run and nobody notes what was touched.
  package unowned(unsafe) var hooks: (any WriteHooks)?

  let rollUps: RollUps

  /// Creates a writer on an open store.
  package init(store: Store) throws(DiagnosticList) {
    self.store = store
    rollUps = try RollUps(schema: store.schema)
  }

  /// Creates a record.
  ///
  /// - Parameters:
  ///   - definition: Its class.
  ///   - id: Its id; nil for one that the store makes. An id that is there is refused.
  ///   - values: The fields that are given; the others take their defaults.
  ///   - rules: Whether the before rules run.
  /// - Returns: The record, live.
  package func create(
    _ definition: ClassDefinition, id: String? = nil,
    values: [(field: FieldDefinition, input: FieldInput)], rules: Bool = true
  ) throws(Refusal) -> Record {
    throw Refusal(.error, "not there yet")
  }

  /// Sets fields of a record. A write that changes no value does nothing.
  ///
  /// - Returns: Whether anything changed.
  @discardableResult
  package func set(
    _ record: Record, values: [(field: FieldDefinition, input: FieldInput)], rules: Bool = true
  ) throws(Refusal) -> Bool {
    throw Refusal(.error, "not there yet")
  }

  /// Deletes a record and, before it, carries out what its pointers say; one that is not there is left alone.
  package func delete(_ record: Record, rules: Bool = true) throws(Refusal) {
    throw Refusal(.error, "not there yet")
  }

  /// Puts values into an incoming row, typed as its fields say. For before rules.
  package func assign(
    _ values: [(field: FieldDefinition, input: FieldInput)], to row: Row,
    of definition: ClassDefinition
  ) throws(Refusal) {
    throw Refusal(.error, "not there yet")
  }
}
