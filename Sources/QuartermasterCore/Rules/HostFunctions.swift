package import QuartermasterCEL

extension Schema {
  /// Returns the functions that the schema declares, with what the host gave for them.
  ///
  /// A function without a body can be checked and planned; a call of it fails when it runs.
  ///
  /// - Parameter bodies: What runs, by name.
  /// - Returns: The library, or nil when the schema declares no function.
  package func functionLibrary(
    _ bodies: [String: @Sendable ([Value]) throws(EvaluationError) -> Value] = [:]
  ) -> CELLibrary? {
    guard !functions.isEmpty else { return nil }
    let declarations = functions.values.sorted { $0.name < $1.name }.map { function in
      let name = function.name
      let missing: @Sendable ([Value]) throws(EvaluationError) -> Value = {
        (_) throws(EvaluationError) in
        throw EvaluationError(
          .unknownFunction, "the schema declares the function \(name), and the host gave none")
      }
      let parameters = function.parameters.map { parameter in
        parameter.isRequired ? parameter.type.celType() : parameter.type.celType().orNull
      }
      return FunctionDeclaration(
        name, "A function of the host.",
        overloads: [
          Overload(
            "host_\(name)", parameters, returns: function.result?.celType() ?? .null,
            .variadic(bodies[name] ?? missing))
        ])
    }
    return CELLibrary(name: "host", functions: declarations)
  }
}
