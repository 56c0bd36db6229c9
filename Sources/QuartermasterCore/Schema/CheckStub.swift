internal import QuartermasterCEL
extension CELEnvironment {
  func check(_ parsed: ParsedExpr) throws(DiagnosticList) -> CheckedExpr {
    CheckedExpr(parsed: parsed, types: Array(repeating: .int, count: parsed.nodeCount), references: Array(repeating: nil, count: parsed.nodeCount))
  }
}
