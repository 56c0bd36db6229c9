internal import QuartermasterCEL
internal import QuartermasterCore

/// The classes of a schema and their fields, as tables.
struct SchemaText {
  private let schema: Schema
  private let context: ShellContext

  init(_ folder: ProjectFolder, _ context: ShellContext) {
    schema = folder.project.schema
    self.context = context
  }

  /// Returns the classes with how many records each has, and the names of its fields.
  func tables(_ session: StoreSession) throws -> String {
    var table = TextTable([
      .init(title: "class"), .init(title: "records", isRight: true), .init(title: "fields"),
    ])
    for definition in schema.classes {
      let count = try session.integer("SELECT count(*) FROM \"\(definition.name)\"") ?? 0
      table.add([
        definition.name, Plain.count(Int(count)),
        definition.fields.map(\.name).joined(separator: ", "),
      ])
    }
    return table.text(width: context.width, context.paint)
  }

  /// Returns the fields of a class: type, what is asked of each, and where totals and formulas come from.
  func fields(_ name: String) throws -> String {
    if name.isEmpty {
      throw CommandFailure(
        .usage, "write :schema CLASS; the classes are \(names.joined(separator: ", "))")
    }
    guard let definition = schema[name] else {
      let hint = Suggestion.closest(to: name, among: names).map { "; did you mean \($0)?" }
      throw CommandFailure(
        .usage, "there is no class \(name)\(hint ?? "; they are \(names.joined(separator: ", "))")")
    }
    var rows: [(String, String, String)] = definition.fields.map { field in
      (field.name, field.type.schemaName, Self.notes(field).joined(separator: ", "))
    }
    for inverse in definition.inverses {
      rows.append(
        (
          inverse.name, inverse.isUnique ? inverse.sourceClass : "list of \(inverse.sourceClass)",
          "\(inverse.sourceClass).\(inverse.sourceField) points here"
        ))
    }
    let first = rows.reduce(5) { max($0, DisplayText.width($1.0)) }
    let second = rows.reduce(4) { max($0, DisplayText.width($1.1)) }
    let room = max(20, context.width - first - second - 4)
    var text = "\(definition.name), in rules \(definition.variable)\n"
    for (name, type, notes) in rows {
      for (place, line) in DisplayText.wrapped(notes, to: room).enumerated() {
        var row =
          "  " + DisplayText.padded(place == 0 ? name : "", to: first) + "  "
          + DisplayText.padded(place == 0 ? type : "", to: second) + "  " + line
        while row.hasSuffix(" ") { row.removeLast() }
        text += row + "\n"
      }
    }
    return text
  }

  private var names: [String] { schema.classes.map(\.name) }

  private static func notes(_ field: FieldDefinition) -> [String] {
    var notes: [String] = []
    switch field.kind {
    case .stored: break
    case .computed(let formula): return ["= " + formula.parsed.source.text]
    case .rollUp(let definition):
      switch definition.function {
      case .count: notes = ["how many \(definition.inverse)"]
      case .sum(let child): notes = ["sum of \(definition.inverse).\(child)"]
      }
      if let condition = definition.condition {
        notes[0] += " where " + condition.parsed.source.text
      }
      return notes
    }
    if field.isRequired { notes.append("required") }
    if field.isUnique { notes.append("unique") }
    if field.isSecret { notes.append("secret") }
    if let sequence = field.sequence { notes.append("numbered \(sequence.text(1)), …") }
    switch field.defaultValue {
    case .null: break
    case .string(let text): notes.append("default \(text)")
    case let value: notes.append("default \(value)")
    }
    if let minimum = field.minimum { notes.append("at least \(minimum)") }
    if let maximum = field.maximum { notes.append("at most \(maximum)") }
    if let flow = field.flow {
      notes += flow.states.map { state in
        let moves = flow.moves[state] ?? []
        return moves.isEmpty ? state : "\(state) -> \(moves.joined(separator: " | "))"
      }
    } else if let allowed = field.allowed {
      notes.append(allowed.joined(separator: " | "))
    }
    if let inverse = field.inverse, let target = field.target {
      notes.append("back by \(target).\(inverse)")
    }
    return notes
  }
}
