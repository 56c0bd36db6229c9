import Foundation
import QuartermasterCEL
import Testing

@testable import QuartermasterShell

/// A slip of the hand in a file that was right.
struct Mutation: CustomTestStringConvertible, Sendable {
  /// Where the mistake must be shown.
  enum Place: Sendable {
    /// On what was changed: the mark touches it.
    case mark
    /// On the line that was changed.
    case line
    /// On the line that was changed or the next one with something on it: where a text goes on is found there.
    case nextLine
  }

  /// What was done, in words.
  let kind: String
  /// The path of the file below its template.
  let file: String
  /// The template.
  let template: String
  /// The file with the slip in it.
  let text: String
  /// What was changed, as UTF-8 offsets in the changed text.
  let range: Range<Int>
  /// Where it must be shown.
  let place: Place

  var testDescription: String { "\(kind) in \(template)/\(file) at \(range.lowerBound)" }

  /// One kind of slip.
  struct Kind: Sendable {
    let name: String
    /// What is looked for; the first group is what is changed.
    let pattern: String
    /// Makes the slip of what was found.
    let change: @Sendable (String) -> String
    var place = Place.mark
  }

  /// The kinds.
  static let kinds: [Kind] = [
    Kind(
      name: "a misspelt field in a condition", pattern: #"when: \w+\.(\w{5,}) [<>=!]"#,
      change: swapped),
    Kind(
      name: "a misspelt field in an edge", pattern: #"becomes: \w+\.(\w{5,}) [<>=!]"#,
      change: swapped),
    Kind(name: "a misspelt field in a hole", pattern: #"\$\{\w+\.(\w{4,})\}"#, change: swapped),
    Kind(
      name: "a misspelt field of a trigger", pattern: #"changed: \w+\.(\w{4,})\n"#, change: swapped),
    Kind(
      name: "a misspelt class of a trigger", pattern: #"(?:saved|created|changed): (\w{4,})\n"#,
      change: swapped),
    Kind(
      name: "a misspelt class of a creation", pattern: #"- create: (\w{4,})\n"#, change: swapped),
    Kind(
      name: "a misspelt verb", pattern: #"- (notify|advance|allocate|purchase|reject|set): "#,
      change: swapped),
    Kind(name: "a misspelt status", pattern: #"\n +to: ([\w-]{4,})\n"#, change: swapped),
    Kind(
      name: "a misspelt status in a formula", pattern: #"status == "(\w{4,})""#, change: swapped),
    Kind(name: "a misspelt group", pattern: #"notify: (managers|buyers)\n"#, change: swapped),
    Kind(name: "a misspelt function", pattern: #"\.(filter|exists|sortBy|map)\("#, change: swapped),
    Kind(
      name: "a misspelt key of a rule", pattern: #"\n  (trigger|action|when|follows|phase):"#,
      change: swapped),
    Kind(
      name: "a misspelt key of an action", pattern: #"\n {6}(message|quantity|each):"#,
      change: swapped),
    Kind(name: "a misspelt rule to follow", pattern: #"follows: ([\w-]{5,})\n"#, change: swapped),
    Kind(
      name: "a misspelt rule in a test", pattern: #"- (?:fired|quiet): ([\w-]{5,})\n"#,
      change: swapped),
    Kind(name: "a misspelt record", pattern: #"when: (\w{4,})\.\w+ [<>=!]"#, change: swapped),
    Kind(
      name: "a quote left out", pattern: #"(?:at|message|title): "[^"\n]*(")\n"#,
      change: { _ in "" }, place: .nextLine),
    Kind(
      name: "a parenthesis left out", pattern: #"when: [^\n"']*(\))\n"#, change: { _ in "" },
      place: .line),
    Kind(name: "one equals sign", pattern: #"when: \w+\.\w+ (==) "#, change: { _ in "=" }),
    Kind(
      name: "a colon left out", pattern: #"\n  (?:trigger|action)(:)\n"#, change: { _ in "" },
      place: .line),
    Kind(
      name: "no space after a colon", pattern: #"\n {4}(?:saved|changed|created|every):( )\w"#,
      change: { _ in "" }, place: .line),
    Kind(name: "a tab", pattern: #"\n(  )(?:trigger|action|when):"#, change: { _ in "\t" }),
    Kind(
      name: "a line one to the right", pattern: #"\n(  )(?:action|when|follows):"#,
      change: { _ in "   " }, place: .line),
    Kind(
      name: "a line one to the left", pattern: #"\n(  )(?:action|when|follows):"#,
      change: { _ in " " }, place: .line),
    Kind(
      name: "a key twice", pattern: #"\n(  when: [^\n|>]+\n)"#, change: { $0 + $0 },
      place: .nextLine),
    Kind(
      name: "words for a number",
      pattern: #"- purchase: [^\n]+\n(?: +each: [^\n]+\n)? +quantity: ([^\n]+)\n"#,
      change: { _ in "a few of them" }),
    Kind(
      name: "a text for a number", pattern: #"quantity: (\w+\.\w+ - [^\n]+)\n"#,
      change: { _ in "\"many\"" }),
    Kind(
      name: "a hole that is not closed", pattern: #"message: [^\n"]*\$\{\w+\.\w+(\})[^\n"{}]*\n"#,
      change: { _ in "" }, place: .line),
    Kind(
      name: "a status of another class", pattern: #"\n +to: (\w+)\n"#, change: { _ in "overjoyed" }),
    Kind(
      name: "a trigger too many", pattern: #"\n  trigger:\n(    saved: \w+\n)"#,
      change: { $0 + "    every: day\n" }, place: .nextLine),
    Kind(
      name: "not without parentheses", pattern: #"\n  when: (\w+\.\w+ [^\n]*)\n"#,
      change: { "!" + $0 }),
  ]

  /// Swaps the two letters before the last one: `status` becomes `stauts`.
  private static let swapped: @Sendable (String) -> String = { word in
    var letters = Array(word)
    guard letters.count > 2 else { return word + "x" }
    let place = letters.count - 3
    if letters[place] == letters[place + 1] {
      letters.remove(at: place)
    } else {
      letters.swapAt(place, place + 1)
    }
    return String(letters)
  }

  /// Slips of each kind in the rule files of a template: for each kind the middle one of its places in the first file
  /// that has some.
  static func all(of template: String, _ files: [(path: String, text: String)]) -> [Mutation] {
    var found: [Mutation] = []
    for kind in kinds {
      guard let expression = try? NSRegularExpression(pattern: kind.pattern) else { continue }
      for (path, text) in files where path.hasPrefix("rules/") {
        let whole = NSRange(text.startIndex..., in: text)
        let matches = expression.matches(in: text, range: whole)
        guard !matches.isEmpty,
          let place = Range(matches[matches.count / 2].range(at: 1), in: text)
        else { continue }
        let changed = kind.change(String(text[place]))
        if changed == text[place] { continue }
        let start = text[..<place.lowerBound].utf8.count
        found.append(
          Mutation(
            kind: kind.name, file: path, template: template,
            text: text.replacingCharacters(in: place, with: changed),
            range: start..<start + changed.utf8.count, place: kind.place))
        break
      }
    }
    return found
  }
}
