public import QuartermasterCEL
public import QuartermasterCore

/// Why something was added to a line of a purchase order.
public struct Origin: Sendable, Hashable, FieldValue {
  /// The rule that bought it; nil when a person or a host did.
  public let rule: String?
  /// The number of the rule set in which the rule stood.
  public let version: Int64
  /// The row of the journal in which it was bought.
  public let change: Int64
  /// The record that woke the rule, as `Product/bolt`.
  public let record: String?
  /// How many were added.
  public let quantity: Int64

  public init?(fieldValue: Value) {
    guard case .map(let members) = fieldValue, case .int(let quantity)? = members["quantity"],
      case .int(let version)? = members["version"], case .int(let change)? = members["change"]
    else { return nil }
    self.quantity = quantity
    self.version = version
    self.change = change
    rule = members["rule"].flatMap(String.init(fieldValue:))
    record = members["record"].flatMap(String.init(fieldValue:))
  }

  public static var fieldKind: String { "the origin of a line" }
}
