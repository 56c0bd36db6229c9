internal import QuartermasterCEL

/// One line of a stream of changes: `{"op":"set","class":"Inventory","id":"bolts","fields":{…},"at":…}`.
struct StreamLine {
  /// What is done.
  enum Operation: String, CaseIterable {
    case create, set, delete, signal
  }

  /// What is done.
  let operation: Operation
  /// The class; for a signal, its name.
  let name: String
  /// The id, if one is given.
  let id: String?
  /// The fields or the payload, undecoded.
  let fields: [(key: String, value: JSONValue)]
  /// The instant of the change, if it is given.
  let at: Timestamp?

  /// Why a line cannot be read.
  struct Bad: Error {
    let message: String
  }

  /// Reads a line.
  ///
  /// - Throws: ``Bad`` when it is no JSON, or says something that no line can say.
  init(_ bytes: UnsafeBufferPointer<UInt8>) throws(Bad) {
    let members: [(key: String, value: JSONValue)]
    do {
      guard case .object(let found) = try JSONReader.read(bytes) else {
        throw Bad(
          message: #"not an object; a line is {"op": …, "class": …, "id": …, "fields": {…}}"#)
      }
      members = found
    } catch let error as JSONError {
      throw Bad(message: "not JSON: \(error.message), at byte \(error.offset + 1)")
    } catch let error as Bad {
      throw error
    } catch { throw Bad(message: "\(error)") }
    var operation: Operation?
    var words: (name: String?, className: String?, id: String?) = (nil, nil, nil)
    var fields: [(key: String, value: JSONValue)] = []
    var at: Timestamp?
    for (key, value) in members {
      switch key {
      case "op":
        let word = try Self.text(value, key)
        guard let known = Operation(rawValue: word) else { throw .unknownOperation(word) }
        operation = known
      case "class": words.className = try Self.text(value, key)
      case "name": words.name = try Self.text(value, key)
      case "id": if case .null = value { break } else { words.id = try Self.text(value, key) }
      case "fields":
        guard case .object(let given) = value else {
          throw Bad(message: "`fields` needs an object, not \(value.kindText)")
        }
        fields = given
      case "at": at = try Self.instant(value)
      default: throw .unknownMember(key)
      }
    }
    guard let operation else { throw Bad(message: "no `op`; it is \(Operation.list)") }
    if operation == .signal {
      if words.className != nil || words.id != nil {
        throw Bad(message: "a signal has a `name` and `fields`, no `class` and no `id`")
      }
      guard let name = words.name else { throw Bad(message: "a signal needs its `name`") }
      self.name = name
    } else {
      if words.name != nil { throw Bad(message: "`name` is for signals; write `class`") }
      guard let name = words.className else {
        throw Bad(message: "`\(operation.rawValue)` needs a `class`")
      }
      if operation != .create, words.id == nil {
        throw Bad(message: "`\(operation.rawValue)` needs the `id` of a \(name)")
      }
      if operation == .delete, !fields.isEmpty {
        throw Bad(message: "`delete` takes no `fields`")
      }
      self.name = name
    }
    self.operation = operation
    self.fields = fields
    self.at = at
    id = words.id
  }

  private static func text(_ value: JSONValue, _ key: String) throws(Bad) -> String {
    if case .string(let text) = value { return text }
    throw Bad(message: "`\(key)` needs a text, not \(value.kindText)")
  }

  /// Reads `"2026-03-02T09:00:00Z"`, or the same as a Date of Parse.
  private static func instant(_ value: JSONValue) throws(Bad) -> Timestamp {
    let text = value.text ?? (value["__type"]?.text == "Date" ? value["iso"]?.text : nil)
    guard let text, let instant = Timestamp(text) else {
      throw Bad(message: "`at` needs an instant such as \"2026-03-02T09:00:00Z\"")
    }
    return Timestamp(milliseconds: instant.milliseconds)
  }
}

extension StreamLine.Operation {
  /// The words, for messages.
  static var list: String {
    let words = allCases.map(\.rawValue)
    return words.dropLast().joined(separator: ", ") + " or " + (words.last ?? "")
  }
}

extension StreamLine.Bad {
  static func unknownOperation(_ word: String) -> StreamLine.Bad {
    let known = StreamLine.Operation.allCases.map(\.rawValue)
    let hint = Suggestion.closest(to: word, among: known).map { "; did you mean \($0)?" }
    return StreamLine.Bad(
      message: "no operation \"\(word)\"\(hint ?? "; it is \(StreamLine.Operation.list)")")
  }

  static func unknownMember(_ key: String) -> StreamLine.Bad {
    let known = ["op", "class", "id", "name", "fields", "at"]
    let hint = Suggestion.closest(to: key, among: known).map { "; did you mean `\($0)`?" }
    return StreamLine.Bad(
      message: "no member `\(key)`\(hint ?? " (\(known.joined(separator: ", ")))")")
  }
}
