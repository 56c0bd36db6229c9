internal import QuartermasterCEL

/// A line of a stream of changes, as `apply` reads it.
struct DemoLine {
  /// A value in the encoding of streams.
  enum Field {
    case text(String)
    case whole(Int)
    /// Thousandths of the unit: money without floating-point numbers.
    case mills(Int)
    case flag(Bool)
    case instant(Timestamp)
    case pointer(String, String)
    case increment(Int)
  }

  /// When it happens.
  let at: Timestamp
  /// The text, without the end of the line.
  let text: String

  static func create(
    _ className: String, _ id: String, at: Timestamp, _ fields: [(String, Field)]
  ) -> DemoLine {
    record("create", className, id, at, fields)
  }

  static func set(
    _ className: String, _ id: String, at: Timestamp, _ fields: [(String, Field)]
  ) -> DemoLine {
    record("set", className, id, at, fields)
  }

  static func signal(_ name: String, at: Timestamp, _ fields: [(String, Field)]) -> DemoLine {
    DemoLine(
      at: at,
      text: #"{"op":"signal","name":\#(quoted(name)),"fields":\#(object(fields)),"at":"\#(at)"}"#)
  }

  private static func record(
    _ operation: String, _ className: String, _ id: String, _ at: Timestamp,
    _ fields: [(String, Field)]
  ) -> DemoLine {
    DemoLine(
      at: at,
      text: #"{"op":"\#(operation)","class":\#(quoted(className)),"id":\#(quoted(id)),"#
        + #""fields":\#(object(fields)),"at":"\#(at)"}"#)
  }

  private static func object(_ fields: [(String, Field)]) -> String {
    "{" + fields.map { "\(quoted($0.0)):\(encoded($0.1))" }.joined(separator: ",") + "}"
  }

  private static func encoded(_ field: Field) -> String {
    switch field {
    case .text(let text): quoted(text)
    case .whole(let number): "\(number)"
    case .mills(let number): ExactDecimal(coefficient: Int128(number), scale: 3).description
    case .flag(let flag): "\(flag)"
    case .instant(let instant): #"{"__type":"Date","iso":"\#(instant)"}"#
    case .pointer(let className, let id):
      #"{"__type":"Pointer","className":\#(quoted(className)),"objectId":\#(quoted(id))}"#
    case .increment(let number): #"{"__op":"Increment","amount":\#(number)}"#
    }
  }

  /// Names here have neither control characters nor backslashes; quotes stand for inches.
  private static func quoted(_ text: String) -> String {
    "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\\\"")
      + "\""
  }
}
