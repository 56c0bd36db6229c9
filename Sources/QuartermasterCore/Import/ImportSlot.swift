internal import QuartermasterCEL

/// A slot of a mapping: words with holes for a text or a pointer, else a literal or a formula.
///
/// The cells of a row are texts; one that meets a field of another type is read as a literal of that type. An empty cell
/// is nothing.
struct ImportSlot: Sendable {
  private enum Piece: Sendable {
    case words(String)
    case hole(Program)
  }

  private let type: FieldType
  private let pieces: [Piece]
  private let constant: Value?
  /// The formulas, for the check of columns.
  let formulas: [ParsedExpr]

  /// Checks a slot.
  init(_ scalar: ScalarSyntax, _ type: FieldType, names: Set<String>) throws(DiagnosticList) {
    self.type = type
    var environment = CELEnvironment.quartermaster
    environment.checksNull = false
    for name in names.sorted() {
      environment.declare(
        VariableDeclaration(name, name == "day" ? .timestamp : .map(key: .string, value: .string)))
    }
    var formulas: [ParsedExpr] = []
    func program(_ source: ExprSource) throws(DiagnosticList) -> Program {
      let parsed = try environment.parse(source)
      formulas.append(parsed)
      return environment.program(try environment.check(parsed))
    }
    var pieces: [Piece] = []
    var constant: Value?
    switch type {
    case .string, .pointer:
      let syntax: TextSyntax
      do { syntax = try TextSyntax(scalar) } catch { throw DiagnosticList([error]) }
      for piece in syntax.pieces {
        switch piece {
        case .words(let words): pieces.append(.words(words))
        case .hole(let source, _): pieces.append(.hole(try program(source)))
        }
      }
    default:
      constant = type.value(text: scalar.text)
      if constant == nil { pieces = [.hole(try program(TextSyntax.formula(scalar)))] }
    }
    self.pieces = pieces
    self.constant = constant
    self.formulas = formulas
  }

  /// Returns the stored form of the value for a row; null where the cell is empty.
  ///
  /// - Parameters:
  ///   - bindings: The row, the joined rows and the day by name.
  ///   - place: The field, for messages.
  /// - Returns: The value.
  /// - Throws: ``ImportRowFailure`` when it is not of the field's type, or a formula fails.
  func value(_ bindings: [String: Value], at place: String) throws(ImportRowFailure) -> Value {
    if let constant { return constant }
    do {
      if pieces.count == 1, case .hole(let program) = pieces[0] {
        return try stored(try program.evaluate(bindings), place)
      }
      var text = ""
      for piece in pieces {
        switch piece {
        case .words(let words): text += words
        case .hole(let program): text += Self.shown(try program.evaluate(bindings))
        }
      }
      return .string(text)
    } catch let error as EvaluationError {
      throw ImportRowFailure(message: "\(place): \(error.message)")
    } catch let error as ImportRowFailure {
      throw error
    } catch { throw ImportRowFailure(message: "\(place): \(error)") }
  }

  private static func shown(_ value: Value) -> String {
    switch value {
    case .string(let text): text
    case .null: ""
    default: value.description
    }
  }

  private func stored(_ value: Value, _ place: String) throws(ImportRowFailure) -> Value {
    switch (type, value) {
    case (_, .null): return .null
    case (_, .string(let text)) where text.isEmpty: return .null
    case (.string, _), (.pointer, _): return .string(Self.shown(value))
    case (_, .string(let text)):
      if let value = type.value(text: text) { return value }
      throw ImportRowFailure(message: "\(place) needs \(type.literalHint), not \"\(text)\"")
    default:
      do throws(Refusal) { return try type.accept(value, at: place) } catch {
        throw ImportRowFailure(message: error.message)
      }
    }
  }

  /// The value as the lines of a stream have it.
  func json(_ bindings: [String: Value], at place: String) throws(ImportRowFailure) -> JSONValue {
    type.json(try value(bindings, at: place))
  }
}

/// Why a row becomes no change.
struct ImportRowFailure: Error {
  let message: String
  /// What ends the import, not the row alone.
  var refusal: Refusal?
}
