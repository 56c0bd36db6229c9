/// The type of an expression, as the checker sees it.
public indirect enum CELType: Hashable, Sendable {
  /// Known only at run time.
  case dyn
  case null, bool, int, uint, double, string, bytes
  /// Exact decimal numbers; the scale belongs to the value.
  case decimal
  case timestamp, duration
  case list(CELType)
  case map(key: CELType, value: CELType)
  /// A record of the class with this name.
  case record(String)
  /// A value of the type, or null. Never nested.
  case nullable(CELType)
  /// A type as a value; of what, if known.
  case type(CELType?)
  /// An optional value.
  case optional(CELType)
  /// A type of a library, such as `net.IP`.
  case abstract(String, [CELType])
  /// A parameter of a generic declaration, such as `T`.
  case parameter(String)
  /// The type of something that is wrong; accepted everywhere so that one mistake gives one message.
  case error

  /// The type without null.
  public var nonNull: CELType {
    if case .nullable(let inner) = self { inner } else { self }
  }

  /// The same type, or null.
  public var orNull: CELType {
    switch self {
    case .nullable, .null, .dyn, .error: self
    default: .nullable(self)
    }
  }

  /// Whether null may be a value of the type.
  public var acceptsNull: Bool {
    switch self {
    case .nullable, .null, .dyn, .error: true
    default: false
    }
  }
}
