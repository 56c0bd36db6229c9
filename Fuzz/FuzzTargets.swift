import Foundation

/// What the fuzzer calls with each input: the target that the environment names is run on it.
///
/// Compiled together with the sources of the module, so that targets reach all of it. See run.sh.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = UnsafeBufferPointer(start: start, count: count)
  switch target {
  case "syntax": fuzzSyntax(String(decoding: bytes, as: UTF8.self))
  case "checker": fuzzChecker(String(decoding: bytes, as: UTF8.self))
  case "typed": fuzzTyped(Array(bytes))
  case "pattern": fuzzPattern(bytes)
  default: fatalError("CEL_FUZZ names no target: syntax, checker, typed or pattern")
  }
  return 0
}

private let target = ProcessInfo.processInfo.environment["CEL_FUZZ"] ?? ""

private let environment: CELEnvironment = {
  var environment = CELEnvironment(libraries: CELLibrary.all)
  environment.checksNull = false
  // Literals that take another type are one thing checked and another unchecked, on purpose.
  environment.adaptsLiterals = false
  for variable in ExprMaker.variables { environment.declare(variable.declaration) }
  return environment
}()

private let bindings = Dictionary(
  uniqueKeysWithValues: ExprMaker.variables.map { ($0.declaration.name, $0.value) })

/// Parses a text; what is accepted must be the same after it was written and read again.
private func fuzzSyntax(_ text: String) {
  do throws(DiagnosticList) {
    let tree = try environment.parse(ExprSource(text)).root
    let written = tree.text
    // Written out, a tree may be longer than a text may be.
    guard written.utf8.count <= environment.maximumLength else { return }
    do throws(DiagnosticList) {
      let again = try environment.parse(ExprSource(written)).root
      precondition(again.text == written, "`\(written)` became `\(again.text)`")
      precondition(again.shape == tree.shape, "`\(written)`: \(tree.shape), then \(again.shape)")
    } catch {
      // Brackets that were needless are gone, others are not: only the depth may be another.
      precondition(
        error.items.allSatisfy { $0.code == "cel/depth" },
        "`\(written)`: \(error.items.map(\.message))")
    }
  } catch {
    precondition(!error.items.isEmpty)
    precondition(!DiagnosticRenderer().render(error).isEmpty)
  }
}

/// Checks a text; what the checker accepts must give the same checked and unchecked.
private func fuzzChecker(_ text: String) {
  guard let parsed = try? environment.parse(ExprSource(text)) else { return }
  agree(parsed, "`\(text)`")
}

/// Makes an expression of known types out of bytes.
private func fuzzTyped(_ bytes: [UInt8]) {
  var maker = ExprMaker(bytes)
  let text = maker.expression()
  do throws(DiagnosticList) {
    agree(try environment.parse(ExprSource(text)), "`\(text)`")
  } catch {
    precondition(error.items.allSatisfy { $0.code == "cel/depth" }, "\(text): \(error.items)")
  }
}

private func agree(_ parsed: ParsedExpr, _ text: String) {
  if let difference = Agreement.difference(parsed, environment, bindings) {
    fatalError("\(text): \(difference)")
  }
}

/// Reads a pattern, up to the first zero byte, and matches the rest.
private func fuzzPattern(_ bytes: UnsafeBufferPointer<UInt8>) {
  let parts = bytes.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
  let pattern = String(decoding: parts[0], as: UTF8.self)
  let text = parts.count > 1 ? String(decoding: parts[1], as: UTF8.self) : pattern
  guard let expression = try? RegularExpression(pattern) else { return }
  let found = expression.matches(text)
  do throws(EvaluationError) {
    // In brackets, and with anything before it, it is the same pattern.
    let grouped = try RegularExpression("(?:\(pattern))")
    precondition(grouped.matches(text) == found, "\(pattern) on \(text)")
  } catch {
    precondition(
      error.message.contains("too large") || error.message.contains("too deep")
        || pattern.contains("\\Q"), error.message)
  }
}
