package import QuartermasterCEL

/// Classes and fields as a Parse server describes them, with names as they stand there.
package struct ParseSchema: Sendable {
  /// A class.
  package struct Class: Sendable {
    /// The name, such as `Order` or `_User`.
    package let name: String
    /// The fields in the order of the text.
    package let fields: [Field]
  }

  /// A field.
  package struct Field: Sendable {
    /// The name.
    package let name: String
    /// What is said of it: `type`, `targetClass`, `required`, `defaultValue`.
    let members: [(key: String, value: JSONValue)]

    /// What one of its keys says.
    subscript(key: String) -> JSONValue? { members.first { $0.key == key }?.value }
    /// The name of its type.
    var type: String { self["type"]?.text ?? "" }
  }

  /// The classes in the order of the text.
  package let classes: [Class]

  /// Reads a description: a list of classes, `{"classes": […]}`, the `{"results": […]}` of a server, or one class.
  ///
  /// - Throws: What is wrong, with its place where it has one.
  package init(_ file: SourceFile) throws(DiagnosticList) {
    let root: JSONValue
    do { root = try JSONReader.read(file.bytes) } catch {
      let end = min(error.offset + 1, file.bytes.count)
      throw DiagnosticList([
        Diagnostic(
          .error, "import/json", "this is no JSON: \(error.message)",
          at: SourceSpan(file: file, range: min(error.offset, end)..<end))
      ])
    }
    func failure(_ message: String) -> DiagnosticList {
      DiagnosticList([
        Diagnostic(.error, "import/schema", message, at: SourceSpan(file: file, range: 0..<0))
      ])
    }
    let items: [JSONValue]
    switch root {
    case .array(let list): items = list
    default:
      if case .array(let list)? = root["classes"] ?? root["results"] {
        items = list
      } else if root["className"] != nil {
        items = [root]
      } else {
        throw failure(
          "this is no schema: it needs a list of classes, {\"classes\": [{\"className\": …, \"fields\": {…}}]}"
        )
      }
    }
    var classes: [Class] = []
    for (number, item) in items.enumerated() {
      guard let name = item["className"]?.text else {
        throw failure("class \(number + 1) has no `className`")
      }
      guard case .object(let members) = item["fields"] ?? .object([]) else {
        throw failure("the `fields` of \(name) are no map of names")
      }
      var fields: [Field] = []
      for (key, value) in members {
        guard case .object(let inner) = value, value["type"]?.text != nil else {
          throw failure("\(name).\(key) has no `type`")
        }
        fields.append(Field(name: key, members: inner))
      }
      classes.append(Class(name: name, fields: fields))
    }
    self.classes = classes
  }

  /// Returns the name of a class here: those that a server has itself begin with `_` there.
  static func localName(_ name: String) -> String { name == "_User" ? "User" : name }
}
