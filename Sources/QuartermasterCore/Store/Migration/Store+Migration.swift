internal import QuartermasterCEL

extension Store {
  /// Writes the schema down as the one in force.
  func writeSchema() throws(Refusal) {}

  /// Compares the tables with the schema and changes them where the options allow it.
  func migrateIfAllowed() throws(Refusal) {}
}
