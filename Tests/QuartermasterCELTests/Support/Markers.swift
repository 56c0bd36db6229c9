import Testing

@testable import QuartermasterCEL

/// A text in which `‹` and `›` mark the place that a message should be about.
struct Marked {
  let text: String
  let ranges: [Range<Int>]

  init(_ marked: String) {
    var text: [UInt8] = []
    var open: [Int] = []
    var ranges: [Range<Int>] = []
    for scalar in marked.unicodeScalars {
      switch scalar {
      case "‹": open.append(text.count)
      case "›": ranges.append((open.popLast() ?? 0)..<text.count)
      default: text.append(contentsOf: String(scalar).utf8)
      }
    }
    self.text = String(decoding: text, as: UTF8.self)
    self.ranges = ranges.sorted { $0.lowerBound < $1.lowerBound }
  }
}

/// Expects that a text gives exactly these messages, each at its marked place, in order.
func expectDiagnostics(
  _ marked: String, _ expected: [(code: String, message: String)],
  in environment: CELEnvironment = .shop, expecting type: CELType? = nil,
  narrowed: NarrowedPaths = NarrowedPaths(), sourceLocation: SourceLocation = #_sourceLocation
) {
  let marked = Marked(marked)
  do throws(DiagnosticList) {
    let checked = try environment.checked(
      ExprSource(marked.text), expecting: type, narrowed: narrowed)
    Issue.record("no message, but the type \(checked.type)", sourceLocation: sourceLocation)
  } catch {
    let found = error.items
    #expect(
      found.map { "\($0.message) [\($0.code)]" } == expected.map { "\($0.message) [\($0.code)]" },
      sourceLocation: sourceLocation)
    #expect(found.map(\.span.range) == marked.ranges, sourceLocation: sourceLocation)
  }
}

/// Expects that a text gives exactly one message, at the marked place.
func expectDiagnostic(
  _ marked: String, _ code: String, _ message: String, in environment: CELEnvironment = .shop,
  expecting type: CELType? = nil, narrowed: NarrowedPaths = NarrowedPaths(),
  sourceLocation: SourceLocation = #_sourceLocation
) {
  expectDiagnostics(
    marked, [(code, message)], in: environment, expecting: type, narrowed: narrowed,
    sourceLocation: sourceLocation)
}

/// Expects that a text is right and has a type.
@discardableResult
func expectType(
  _ text: String, _ type: CELType, in environment: CELEnvironment = .shop,
  expecting expected: CELType? = nil, narrowed: NarrowedPaths = NarrowedPaths(),
  sourceLocation: SourceLocation = #_sourceLocation
) -> CheckedExpr? {
  do throws(DiagnosticList) {
    let checked = try environment.checked(
      ExprSource(text), expecting: expected, narrowed: narrowed)
    #expect(checked.type == type, "\(text)", sourceLocation: sourceLocation)
    return checked
  } catch {
    Issue.record("\(text): \(error.items.map(\.message))", sourceLocation: sourceLocation)
    return nil
  }
}
