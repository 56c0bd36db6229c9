internal import QuartermasterCEL

extension StoreSession {
  /// How many are few: looking them up costs less than what a query costs by itself.
  private static let few = 64

  /// Returns whether few records of a class point at a record by a field that has an index.
  ///
  /// It is asked when a query is planned; a plan stays right when they become more.
  func hasFew(_ definition: ClassDefinition, whose field: String, is id: String) -> Bool {
    let counted = """
      SELECT count(*) FROM (SELECT 1 FROM \(ClassTable.quoted(definition.name)) \
      WHERE \(ClassTable.quoted(field)) = \(SQLText.literal(id)) LIMIT \(Self.few + 1))
      """
    // A file that cannot be read says so when the query runs.
    guard definition[field]?.target != nil, let count = try? integer(counted) else { return false }
    return count <= Self.few
  }
}
