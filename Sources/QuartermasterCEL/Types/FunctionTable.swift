/// The functions and macros of an environment's libraries by name: built once, shared by all copies.
final class FunctionTable: Sendable {
  /// The macros that the libraries make available.
  let macros: Set<String>
  /// The overloads of all libraries, by function name, in order.
  let overloads: [String: [Overload]]
  /// The first parts of the names of namespaced functions, such as `math`.
  let namespaces: Set<String>

  init(_ libraries: [CELLibrary]) {
    var overloads: [String: [Overload]] = [:]
    var namespaces: Set<String> = []
    for function in libraries.lazy.flatMap(\.functions) {
      overloads[function.name, default: []] += function.overloads
      // A function such as `a.b.f` makes `a` and `a.b` namespaces.
      var name = function.name[...]
      while let dot = name.lastIndex(of: ".") {
        name = name[..<dot]
        namespaces.insert(String(name))
      }
    }
    self.overloads = overloads
    self.namespaces = namespaces
    macros = libraries.reduce(into: []) { $0.formUnion($1.macros) }
  }
}
