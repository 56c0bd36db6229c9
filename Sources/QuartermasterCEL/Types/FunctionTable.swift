/// The functions and macros of an environment's libraries by name: built once, shared by all copies.
package final class FunctionTable: Sendable {
  /// The macros that the libraries make available.
  package let macros: Set<String>
  /// The overloads of all libraries, by function name, in order.
  package let overloads: [String: [Overload]]
  /// The first parts of the names of namespaced functions, such as `math`.
  package let namespaces: Set<String>
  /// The types that have a name, by it: the standard ones, and those that functions of the libraries give.
  package let typeNames: [String: CELType]
  /// The first parts of those of them that have a dot.
  let qualifiedRoots: Set<String>

  init(_ libraries: [CELLibrary]) {
    var overloads: [String: [Overload]] = [:]
    var namespaces: Set<String> = []
    var typeNames = Self.standardTypes
    for function in libraries.lazy.flatMap(\.functions) {
      overloads[function.name, default: []] += function.overloads
      // A function such as `a.b.f` makes `a` and `a.b` namespaces.
      for overload in function.overloads {
        if case .abstract(let type, _) = overload.result { typeNames[type] = overload.result }
      }
      var name = function.name[...]
      while let dot = name.lastIndex(of: ".") {
        name = name[..<dot]
        namespaces.insert(String(name))
      }
    }
    self.overloads = overloads
    self.namespaces = namespaces
    self.typeNames = typeNames
    qualifiedRoots = Set(
      typeNames.keys.filter { $0.utf8.contains(UInt8(ascii: ".")) }.map { name in
        String(name.prefix { $0 != "." })
      })
    macros = libraries.reduce(into: []) { $0.formUnion($1.macros) }
  }

  private static let standardTypes: [String: CELType] = [
    "bool": .bool, "int": .int, "uint": .uint, "double": .double, "decimal": .decimal,
    "string": .string, "bytes": .bytes, "list": .list(.dyn), "map": .map(key: .dyn, value: .dyn),
    "null_type": .null, "type": .type(nil), "optional_type": .optional(.dyn),
    "google.protobuf.Timestamp": .timestamp, "google.protobuf.Duration": .duration,
  ]
}
