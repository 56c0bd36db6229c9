internal import QuartermasterCEL
internal import QuartermasterCore

/// What the word before the cursor may become.
public struct Completion: Equatable, Sendable {
  /// Where the word begins that a candidate takes the place of, in bytes of UTF-8 of the text up to the cursor.
  public let start: Int
  /// Whole words, in order.
  public let candidates: [String]
  /// What follows a candidate when it is the only one: a space, a quote, or nothing.
  public let ending: String

  /// Nothing fits.
  static func none(at cursor: Int) -> Completion {
    Completion(start: cursor, candidates: [], ending: "")
  }

  /// Makes a completion of all words that begin as the text ends.
  ///
  /// - Parameters:
  ///   - word: The end of the text, which is replaced.
  ///   - text: The text up to the cursor.
  ///   - words: What may stand there.
  ///   - ending: What follows a candidate when it is the only one.
  init(of word: String, in text: String, _ words: [String], ending: String = "") {
    start = text.utf8.count - word.utf8.count
    candidates = Set(words.filter { UTF8Text.starts($0, with: word) }).sorted()
    self.ending = ending
  }

  init(start: Int, candidates: [String], ending: String) {
    self.start = start
    self.candidates = candidates
    self.ending = ending
  }
}

/// What a text is completed from: a project, what is known at the prompt, and the ids in the file.
struct CompletionSource {
  /// The classes.
  let schema: Schema
  /// Groups and channels.
  let settings: ProjectSettings
  /// The words that begin an action.
  let verbs: Set<String>
  /// The names of the rules.
  var rules: [String] = []
  /// The names that `as:` gave, with the class of each.
  var names: [String: String] = [:]
  /// Returns some records of classes whose ids begin with a text, by class and id; at most so many of each class.
  var records: (_ of: [ClassDefinition], _ prefix: String, _ limit: Int) -> [RecordID] = {
    _, _, _ in
    []
  }
  /// Returns the class of the one record that has an id; nil where there is none, or several.
  var className: (_ id: String) -> String? = { _ in nil }
  /// Returns the paths that begin with a text, folders with a slash at their end.
  var files: (_ prefix: String) -> [String] = { _ in [] }

  /// A record by its names.
  struct RecordID: Equatable {
    let className: String
    let id: String
  }

  /// How many ids of a class are offered.
  static let mostRecords = 50

  /// Returns the ids of a class that begin with a text.
  func ids(_ classes: [ClassDefinition], _ prefix: String) -> [String] {
    records(classes, prefix, Self.mostRecords).map(\.id)
  }

  /// Returns the class that a name at the prompt stands for a record of, or nil.
  func recordClass(_ name: String) -> String? { names[name] ?? className(name) }
}
