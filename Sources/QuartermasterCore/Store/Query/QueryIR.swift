import QuartermasterCEL

/// How the values of a column are stored, which decides what they may be compared with.
enum ColumnType: Equatable, Sendable {
  case text, integer, real, boolean
  /// Scaled integers with this many digits after the point.
  case decimal(Int)
  /// Milliseconds since 1970 UTC.
  case instant
  /// Milliseconds.
  case span
  /// The id of a record of the class with this index.
  case pointer(Int)
  /// JSON: only its absence can be asked for.
  case opaque
}

/// A column of a table in a query.
struct QueryColumn: Sendable {
  /// The name of the table in the query.
  let alias: String
  /// The name in the table.
  let name: String
  /// How its values are stored.
  let type: ColumnType
  /// Whether the field itself may be null.
  let isNullable: Bool
  /// The columns of the nullable pointers and unique relations that lead to the table: where one of them is NULL,
  /// reading the field fails.
  let path: [ColumnKey]
  /// How its values are read.
  let codec: ColumnCodec
  /// The least and the greatest value that the schema allows.
  var minimum: Value?, maximum: Value?

  /// What identifies the column in a query.
  var key: ColumnKey { ColumnKey(alias: alias, name: name) }
}

/// What identifies a column in a query.
struct ColumnKey: Hashable, Sendable {
  /// The name of the table in the query.
  let alias: String
  /// The name of the column.
  let name: String
}

/// A table in the FROM clause of a query or a sub-query, with the tables that are joined to it.
///
/// One per SELECT; a class because translating a condition adds joins to it.
final class TableScope {
  /// A table joined through a pointer or a unique relation.
  struct Join {
    /// The name of the joined table in the query.
    let alias: String
    /// Its class.
    let definition: ClassDefinition
    /// The column of the joined table that equals ``parent``.
    let column: String
    /// The column of the table that it hangs on.
    let parent: ColumnKey
    /// Whether there is always a row: then SQLite may begin with the joined table.
    let isInner: Bool
  }

  /// The name of the table in the query.
  let alias: String
  /// The class.
  let definition: ClassDefinition
  /// The joined tables; a table comes after the one that it hangs on.
  var joins: [Join] = []

  init(alias: String, definition: ClassDefinition) {
    self.alias = alias
    self.definition = definition
  }
}

/// A sub-query: the rows of a table that meet conditions.
struct SubSelect {
  let scope: TableScope
  var conditions: [QueryCondition]
}

/// A value in SQL.
indirect enum QueryOperand {
  case null
  case integer(Int64)
  case real(Double)
  case text(String)
  case key(ColumnKey)
  /// The n-th binding of the query, from 0.
  case binding(Int)
  /// `+ - *`; a real number where integers overflow.
  case operation(QueryOperand, String, QueryOperand)
  /// The same, but no index is used for it.
  case unindexed(QueryOperand)
  /// What SQLite made of a value: `integer`, `real`, `null`.
  case typeName(QueryOperand)
  /// Where a text first occurs in another, from 1; 0 when it does not.
  case position(of: QueryOperand, in: QueryOperand)
  /// The number of rows of a sub-query.
  case count(SubSelect)
}

/// A condition in SQL.
///
/// It is right where it is true; where it is not, it may be 0 or NULL. So it stands only where SQL asks whether it is
/// true: there is no negation, a translation negates the leaves instead.
indirect enum QueryCondition {
  enum Comparison: String {
    case equal = "="
    case notEqual = "<>"
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    /// Equal, or both NULL.
    case same = "IS"
    case notSame = "IS NOT"
  }

  case constant(Bool)
  case compare(QueryOperand, Comparison, QueryOperand)
  case and([QueryCondition])
  case or([QueryCondition])
  case exists(SubSelect, isNegated: Bool)
  /// Whether a column that is not null has one of the values of a JSON list.
  case isListed(ColumnKey, QueryOperand, isNegated: Bool)
  /// Whether the permissions in a column grant a right to one of some keys, none of which JSON writes differently.
  case grants(ColumnKey, String, to: [String])
  /// Whether a column has one of the values that a column of a sub-query has.
  case isAmong(ColumnKey, ColumnKey, SubSelect)

  /// Returns the conjunction, without what is always true.
  static func all(_ parts: [QueryCondition]) -> QueryCondition {
    var kept: [QueryCondition] = []
    for part in parts {
      switch part {
      case .constant(true): continue
      case .constant(false): return .constant(false)
      case .and(let inner): kept += inner
      default: kept.append(part)
      }
    }
    return kept.isEmpty ? .constant(true) : kept.count == 1 ? kept[0] : .and(kept)
  }

  /// Returns the disjunction, without what is never true.
  static func any(_ parts: [QueryCondition]) -> QueryCondition {
    var kept: [QueryCondition] = []
    for part in parts {
      switch part {
      case .constant(false): continue
      case .constant(true): return .constant(true)
      case .or(let inner): kept += inner
      default: kept.append(part)
      }
    }
    return kept.isEmpty ? .constant(false) : kept.count == 1 ? kept[0] : .or(kept)
  }
}

/// What is known in SQL of a condition of the language, which is true, false or an error in each row.
struct Truth {
  /// True in every row in which the condition is true or an error; nil when nothing is known.
  var upper: QueryCondition?
  /// True only in rows in which the condition is true; nil when nothing is known.
  var lower: QueryCondition?
  /// Whether the condition is never an error, so that both bounds are the condition itself.
  var isExact: Bool

  /// Nothing is known.
  static var unknown: Truth { Truth(upper: nil, lower: nil, isExact: false) }

  /// The condition itself, which cannot fail.
  static func exactly(_ condition: QueryCondition) -> Truth {
    Truth(upper: condition, lower: condition, isExact: true)
  }

  /// The condition where none of some columns is NULL; an error where one is.
  ///
  /// - Parameters:
  ///   - condition: What holds where nothing is NULL.
  ///   - columns: The columns.
  ///   - doubts: Comparisons. Where one holds nothing is known.
  /// - Returns: The bounds.
  static func guarded(
    _ condition: QueryCondition, by columns: [ColumnKey], doubts: [QueryCondition] = []
  ) -> Truth {
    if columns.isEmpty, doubts.isEmpty { return exactly(condition) }
    var certain: [QueryCondition] = []
    for case .compare(let left, let comparison, let right) in doubts {
      certain.append(.compare(left, comparison.inverse, right))
    }
    let missing = columns.map { QueryCondition.compare(.key($0), .same, .null) }
    let present = columns.map { QueryCondition.compare(.key($0), .notSame, .null) }
    return Truth(
      upper: .any(missing + doubts + [condition]), lower: .all(present + certain + [condition]),
      isExact: false)
  }

  /// The conjunction: an error beside something false is false.
  static func all(_ parts: [Truth]) -> Truth {
    let upper = parts.compactMap(\.upper)
    let lower = parts.compactMap(\.lower)
    return Truth(
      upper: upper.isEmpty ? nil : .all(upper),
      lower: lower.count < parts.count ? nil : .all(lower),
      isExact: parts.allSatisfy(\.isExact))
  }

  /// The disjunction: an error beside something true is true.
  static func any(_ parts: [Truth]) -> Truth {
    let upper = parts.compactMap(\.upper)
    let lower = parts.compactMap(\.lower)
    return Truth(
      upper: upper.count < parts.count ? nil : .any(upper),
      lower: lower.isEmpty ? nil : .any(lower),
      isExact: parts.allSatisfy(\.isExact))
  }
}
