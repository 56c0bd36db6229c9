internal import QuartermasterCEL

/// The column of a computed field: a VIRTUAL generated column with the formula as SQL.
package struct ComputedColumn: Sendable {
  /// The formula.
  package let sql: String
  /// How its values stand in the column.
  package let codec: ColumnCodec

  static func columns(of definition: ClassDefinition, in schema: Schema) -> [Int: ComputedColumn] {
    [:]
  }
}
