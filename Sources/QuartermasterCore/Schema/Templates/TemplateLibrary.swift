/// The templates that a project may build on with `extends: NAME` in quartermaster.yaml.
public struct TemplateLibrary: Sendable {
  /// Their names.
  public let names: [String]
  private let read: @Sendable (String) -> [(path: String, text: String)]?

  /// No templates.
  public static let none = TemplateLibrary(names: []) { _ in nil }

  /// Creates a library.
  ///
  /// - Parameters:
  ///   - names: The names, in the order in which they are shown.
  ///   - files: Gives the files of a template by their path below its folder; nil for a name that it does not know.
  public init(
    names: [String], files: @escaping @Sendable (String) -> [(path: String, text: String)]?
  ) {
    self.names = names
    read = files
  }

  /// Returns the files of a template, or nil.
  func files(of name: String) -> [(path: String, text: String)]? { read(name) }
}
