internal import QuartermasterCEL

/// What the declarations of the expression language say of a function or a macro.
enum FunctionHelp {
  /// Returns how a function, a method, an operator or a macro is written, what it does and an example of each; nil when
  /// there is none of that name.
  static func text(_ word: String) -> String? {
    let libraries = CELEnvironment.quartermaster.libraries
    let macros = libraries.reduce(into: Set<String>()) { $0.formUnion($1.macros) }
    var text = ""
    for macro in MacroDeclaration.all where macros.contains(macro.name) && macro.name == word {
      text += part(macro.forms, macro.documentation, macro.examples)
    }
    for function in libraries.flatMap(\.functions) where function.writtenName == word {
      text += part(function.signatures, function.documentation, function.examples)
    }
    return text.isEmpty ? nil : text
  }

  private static func part(
    _ forms: [String], _ documentation: String, _ examples: [String]
  ) -> String {
    forms.map { $0 + "\n" }.joined() + "    \(documentation)\n"
      + (examples.first.map { "    \($0)\n" } ?? "")
  }

  /// Returns the names of the functions that are called without a receiver, those of namespaces with it: `math.abs`.
  static func functions(_ libraries: [CELLibrary]) -> [String] {
    let declared = libraries.flatMap(\.functions).filter { function in
      function.writtenName == function.name && function.overloads.contains { !$0.isMember }
    }
    return declared.map(\.name).filter { $0.first?.isLetter == true } + ["has"]
  }

  /// Returns the names of the methods and macros of values of a type.
  static func methods(of type: CELType, _ libraries: [CELLibrary]) -> [String] {
    var names = libraries.flatMap(\.functions).filter { function in
      function.overloads.contains { overload in
        overload.isMember && (overload.parameters.first.map { accepts($0.nonNull, type) } ?? false)
      }
    }.map(\.name)
    let receiver: String
    switch type {
    case .list: receiver = "list."
    case .map: receiver = "map."
    default: return names
    }
    let macros = libraries.reduce(into: Set<String>()) { $0.formUnion($1.macros) }
    names += MacroDeclaration.all.filter { macro in
      macros.contains(macro.name) && macro.forms.contains { $0.hasPrefix(receiver) }
    }.map(\.name)
    return names
  }

  private static func accepts(_ parameter: CELType, _ type: CELType) -> Bool {
    switch (parameter, type) {
    case (.list(let wanted), .list(let element)):
      if case .parameter = wanted { return true }
      return element == .dyn || wanted == element
    case (.map, .map): return true
    default: return parameter == type
    }
  }

  /// Returns all names that help knows.
  static func words(_ libraries: [CELLibrary]) -> [String] {
    libraries.flatMap { library in
      library.functions.map(\.writtenName).filter { $0.first?.isLetter == true } + library.macros
    }
  }
}
