/// How the values of a column become values of another type.
struct Conversion {
  /// The new value, as SQL over the old one.
  let sql: String
  /// Whether an old value has no place in the new type, as SQL; nil when each has.
  let loses: String?

  /// Finds the conversion between two types as a shape writes them, if values can be kept.
  ///
  /// - Parameters:
  ///   - old: The type in the file.
  ///   - new: The type in the schema.
  ///   - column: The old column, as SQL.
  ///   - target: For a pointer, the name of the table in the file that it will point to.
  /// - Returns: The conversion, or nil.
  static func from(_ old: String, to new: String, column: String, target: String?) -> Conversion? {
    if let target {
      // A pointer keeps the ids that are there. Of the other types only texts may be ids.
      guard old == "String" || !isPlain(old) else { return nil }
      let there =
        "EXISTS (SELECT 1 FROM \(ClassTable.quoted(target)) t WHERE t.\"objectId\" = \(column))"
      return Conversion(sql: "CASE WHEN \(there) THEN \(column) END", loses: "NOT \(there)")
    }
    if !isPlain(old) { return new == "String" ? Conversion(sql: column, loses: nil) : nil }
    switch (kind(old), kind(new)) {
    case (.scaled(let from), .scaled(let to)): return rescaled(column, by: to - from)
    case (.scaled(let scale), .real):
      return Conversion(
        sql: scale == 0 ? "CAST(\(column) AS REAL)" : "(\(column) / \(power(scale)).0)",
        loses: "abs(\(column)) > 9007199254740992")
    case (.real, .scaled(let scale)):
      let scaled = "round(\(column) * \(power(scale)).0)"
      let fits = "abs(\(scaled)) < 9007199254740992.0"
      return Conversion(
        sql: "CASE WHEN \(fits) THEN CAST(\(scaled) AS INTEGER) END",
        loses: "NOT \(fits) OR \(scaled) / \(power(scale)).0 <> \(column)")
    case (.scaled(0), .text): return Conversion(sql: "CAST(\(column) AS TEXT)", loses: nil)
    case (.text, .scaled(0)):
      let same = "CAST(CAST(\(column) AS INTEGER) AS TEXT) = \(column)"
      return Conversion(
        sql: "CASE WHEN \(same) THEN CAST(\(column) AS INTEGER) END", loses: "NOT (\(same))")
    case (.boolean, .scaled(0)): return Conversion(sql: column, loses: nil)
    case (.scaled(0), .boolean):
      return Conversion(
        sql: "CASE WHEN \(column) IN (0, 1) THEN \(column) END", loses: "\(column) NOT IN (0, 1)")
    case (.boolean, .text):
      return Conversion(sql: "CASE \(column) WHEN 1 THEN 'true' ELSE 'false' END", loses: nil)
    case (.text, .boolean):
      return Conversion(
        sql: "CASE \(column) WHEN 'true' THEN 1 WHEN 'false' THEN 0 END",
        loses: "\(column) NOT IN ('true', 'false')")
    default: return nil
    }
  }

  private enum Kind: Equatable { case scaled(Int), real, text, boolean, other }

  private static func kind(_ type: String) -> Kind {
    switch type {
    case "Integer": return .scaled(0)
    case "Number": return .real
    case "String": return .text
    case "Boolean": return .boolean
    default:
      if type.hasPrefix("Decimal("), let scale = Int(type.dropFirst(8).dropLast()) {
        return .scaled(scale)
      }
      return .other
    }
  }

  /// Whether a type is none of a pointer.
  static func isPlain(_ type: String) -> Bool {
    kind(type) != .other || ["Date", "Duration", "GeoPoint", "Array", "Object"].contains(type)
  }

  private static func rescaled(_ column: String, by digits: Int) -> Conversion {
    if digits == 0 { return Conversion(sql: column, loses: nil) }
    let power = power(abs(digits))
    if digits < 0 {
      return Conversion(
        sql: "CASE WHEN \(column) % \(power) = 0 THEN \(column) / \(power) END",
        loses: "\(column) % \(power) <> 0")
    }
    let fits = "typeof(\(column) * \(power)) = 'integer'"
    return Conversion(
      sql: "CASE WHEN \(fits) THEN \(column) * \(power) END", loses: "NOT (\(fits))")
  }

  private static func power(_ exponent: Int) -> String {
    "1" + String(repeating: "0", count: exponent)
  }
}
