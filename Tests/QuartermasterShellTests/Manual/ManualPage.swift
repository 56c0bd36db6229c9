import Foundation

/// A page of Docs/ as something that can be run: the files that it shows and the commands that it prints.
///
/// - A block ```` ```yaml title="rules/mine.yaml" ```` is a file, written when the page comes to it, below the folder in which the
///   commands then are.
/// - A block ```` ```console ```` holds commands behind `$ ` with what they print. `…` stands for any text of a line, a line that is
///   only `…` for any lines. Lines behind a prompt with a name, as in `sandbox> `, are typed to the command above them.
struct ManualPage {
  /// A thing to do, in the order of the page.
  enum Step {
    case file(path: String, text: String)
    case command(Command)
  }

  /// A command with what it should print.
  struct Command {
    /// The line of the page, 1-based.
    let line: Int
    var text: String
    var typed: [String] = []
    var expected: [String] = []
  }

  /// What is unreadable in a page.
  struct Mistake: Error, CustomStringConvertible {
    let description: String
  }

  /// The name of the file.
  let name: String
  /// What the page does.
  let steps: [Step]

  /// The commands of the page.
  var commands: [Command] {
    steps.compactMap { if case .command(let command) = $0 { command } else { nil } }
  }

  /// Reads a page.
  ///
  /// - Throws: ``Mistake`` for a block that does not end, or a console block that does not begin with a command.
  init(_ text: String, name: String) throws {
    self.name = name
    var steps: [Step] = []
    var block: (info: String, start: Int, lines: [String])?
    for (place, line) in text.components(separatedBy: "\n").enumerated() {
      guard let open = block else {
        if line.hasPrefix("```") { block = (String(line.dropFirst(3)), place + 1, []) }
        continue
      }
      guard line == "```" else {
        block?.lines.append(line)
        continue
      }
      block = nil
      if let path = open.info.firstMatch(of: /title="([^"]+)"/)?.1 {
        steps.append(
          .file(path: String(path), text: open.lines.joined(separator: "\n") + "\n"))
      } else if open.info == "console" {
        steps += try Self.commands(open.lines, from: open.start + 1, of: name).map(Step.command)
      }
    }
    if let block { throw Mistake(description: "\(name):\(block.start): a block without an end") }
    self.steps = steps
  }

  private static func commands(
    _ lines: [String], from first: Int, of page: String
  ) throws -> [Command] {
    var commands: [Command] = []
    for (place, line) in lines.enumerated() {
      if line.hasPrefix("$ ") {
        commands.append(Command(line: first + place, text: String(line.dropFirst(2))))
        continue
      }
      guard let last = commands.indices.last else {
        throw Mistake(description: "\(page):\(first + place): a block must begin with `$ `")
      }
      if let typed = line.wholeMatch(of: /[a-z]+> (.*)/)?.1 {
        commands[last].typed.append(String(typed))
      } else {
        commands[last].expected.append(line)
      }
    }
    return commands
  }

  /// Returns whether what was printed is what a command's lines say.
  static func matches(_ printed: String, _ expected: [String]) -> Bool {
    var pattern = "^"
    for line in expected {
      if line.trimmingCharacters(in: .whitespaces) == "…" {
        pattern += "(?:.*\n)*?"
      } else {
        pattern +=
          trimmedEnd(line).split(separator: "…", omittingEmptySubsequences: false)
          .map { NSRegularExpression.escapedPattern(for: String($0)) }.joined(separator: ".*")
          + "\n"
      }
    }
    let lines = printed.split(separator: "\n", omittingEmptySubsequences: false)
      .map { trimmedEnd(String($0)) }
    var text = lines.joined(separator: "\n")
    while text.hasSuffix("\n") { text.removeLast() }
    if !text.isEmpty { text += "\n" }
    return text.range(of: pattern + "$", options: .regularExpression) != nil
      && (!expected.isEmpty || text.isEmpty)
  }

  private static func trimmedEnd(_ line: String) -> String {
    var line = line
    while line.last == " " { line.removeLast() }
    return line
  }
}
