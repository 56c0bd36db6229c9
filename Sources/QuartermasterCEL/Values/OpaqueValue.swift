/// What a value of a type outside the language holds, such as an address of a network.
///
/// Only the functions of the library that declares the type can look inside. Give the type in declarations as
/// ``CELType/abstract(_:_:)`` with the same name.
public protocol OpaqueContent: Sendable {
  /// The name of the type, such as `net.IP`.
  static var typeName: String { get }
  /// The value as a text, for people and for `string()`.
  var text: String { get }
  /// Returns whether another value of any such type is equal to this one.
  func isEqual(to other: any OpaqueContent) -> Bool
}

extension OpaqueContent where Self: Equatable {
  /// Returns whether the other is of the same type and equal.
  public func isEqual(to other: any OpaqueContent) -> Bool { other as? Self == self }
}

/// The box of a value of a type outside the language.
public final class OpaqueValue: Sendable {
  /// What it holds.
  public let content: any OpaqueContent

  /// Creates a value.
  public init(_ content: any OpaqueContent) { self.content = content }

  /// The name of its type.
  public var typeName: String { type(of: content).typeName }
}
