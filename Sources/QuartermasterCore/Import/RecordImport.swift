internal import Foundation
internal import QuartermasterCEL

/// Files of records that name their fields themselves: the exports of a Parse server, and JSON Lines in the same form.
///
/// Each file holds the records of one class. Classes come before those that point at them; a pointer that leads back, to a
/// class that comes later or to the class itself, is set when all records are there. When a record was made is not taken over:
/// createdAt and updatedAt are the engine's.
package struct RecordImport {
  /// A file and the class whose records it holds.
  package struct File: Sendable {
    package let path: String
    package let definition: ClassDefinition

    package init(path: String, definition: ClassDefinition) {
      self.path = path
      self.definition = definition
    }

    /// The name for messages.
    var name: String { URL(fileURLWithPath: path).lastPathComponent }
  }

  /// A member that the records of a file have and their class has not.
  package struct UnknownMember: Sendable {
    /// The file, the class, the member.
    package let file: String, className: String, member: String
    /// How many records have it.
    package internal(set) var count: Int
  }

  private let files: [File]
  private let stream: ImportStream
  private var placed: Set<String> = []
  private var unknown: [String: UnknownMember] = [:]

  /// Reads files and writes their records into a stream, finished when this returns.
  ///
  /// - Parameters:
  ///   - files: The files.
  ///   - stream: Where the changes go.
  /// - Returns: What the classes have no field for, which was left out.
  /// - Throws: ``Refusal`` when a file cannot be read or the stream cannot be written.
  package static func write(
    _ files: [File], to stream: ImportStream
  ) throws(Refusal) -> [UnknownMember] {
    var run = RecordImport(files: order(files), stream: stream)
    for file in run.files {
      try run.read(file, later: false)
      run.placed.insert(file.definition.name)
    }
    run.placed = []
    for file in run.files {
      if run.hasLaterPointers(file.definition) { try run.read(file, later: true) }
      run.placed.insert(file.definition.name)
    }
    try stream.finish()
    return run.unknown.values.sorted {
      ($0.file, $0.member) < ($1.file, $1.member)
    }
  }

  private init(files: [File], stream: ImportStream) {
    (self.files, self.stream) = (files, stream)
  }

  // MARK: - Order

  /// Puts classes before those that point at them, as far as that can be; required pointers count for more.
  static func order(_ files: [File]) -> [File] {
    var rest = files
    var ordered: [File] = []
    while !rest.isEmpty {
      let names = Set(rest.map(\.definition.name))
      func waits(_ file: File, requiredOnly: Bool) -> Bool {
        file.definition.fields.contains { field in
          guard field.isWritable, let target = field.target, target != file.definition.name else {
            return false
          }
          return names.contains(target) && (field.isRequired || !requiredOnly)
        }
      }
      let place =
        rest.firstIndex { !waits($0, requiredOnly: false) }
        ?? rest.firstIndex { !waits($0, requiredOnly: true) } ?? 0
      ordered.append(rest.remove(at: place))
    }
    return ordered
  }

  /// Whether a pointer leads to a class of the import that comes later, or to its own.
  private func isLater(_ field: FieldDefinition) -> Bool {
    guard let target = field.target, !field.isRequired, !placed.contains(target) else {
      return false
    }
    return files.contains { $0.definition.name == target }
  }

  private func hasLaterPointers(_ definition: ClassDefinition) -> Bool {
    definition.fields.contains { $0.isWritable && isLater($0) }
  }

  // MARK: - Records

  /// Names of members that are the server's own.
  private static let own: Set<String> = [
    "objectId", "createdAt", "updatedAt", "ACL", "__type", "className",
  ]

  private mutating func read(_ file: File, later: Bool) throws(Refusal) {
    let reader: JSONRowReader
    do throws(ImportFileFailure) { reader = try JSONRowReader(path: file.path) } catch {
      throw Refusal(.storage, "\(file.path):\(error.line): \(error.message)")
    }
    while let item = reader.next() {
      stream.came(file.name, reader.fraction)
      switch item {
      case .bad(let line, let message):
        // Told in the first reading.
        if !later { stream.refuse(message, file: file.name, line) }
      case .row(let line, let members):
        try add(members, file, line, later: later)
      }
    }
  }

  private mutating func add(
    _ members: [(key: String, value: JSONValue)], _ file: File, _ line: Int, later: Bool
  ) throws(Refusal) {
    var fields: [(key: String, value: JSONValue)] = []
    for (name, value) in members where !Self.own.contains(name) && !name.hasPrefix("_") {
      guard let field = file.definition[name] else {
        if !later { note(name, file) }
        continue
      }
      // What the engine works out itself is not taken from elsewhere.
      guard field.isWritable, isLater(field) == later else { continue }
      if case .null = value { continue }
      fields.append((name, Self.local(value)))
    }
    func text(_ name: String) -> String? { members.first { $0.key == name }?.value.text }
    let id = text("objectId")
    if later, id == nil || fields.isEmpty { return }
    var change: [(key: String, value: JSONValue)] = [
      ("op", .string(later ? "set" : "create")), ("class", .string(file.definition.name)),
    ]
    if let id { change.append(("id", .string(id))) }
    change.append(("fields", .object(fields)))
    try stream.add(.object(change), at: nil, from: file.name, line)
  }

  private mutating func note(_ member: String, _ file: File) {
    let key = file.name + "\u{0}" + member
    unknown[
      key,
      default: UnknownMember(
        file: file.name, className: file.definition.name, member: member, count: 0)
    ].count += 1
  }

  /// A pointer to a user names the class as a server does.
  private static func local(_ value: JSONValue) -> JSONValue {
    guard value["className"]?.text == "_User", case .object(let members) = value else {
      return value
    }
    return .object(members.map { ($0.key, $0.key == "className" ? .string("User") : $0.value) })
  }
}
