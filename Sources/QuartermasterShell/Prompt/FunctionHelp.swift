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
}
