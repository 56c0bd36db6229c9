/// A command of the prompt: how it is written, what it does, and what completes it.
struct PromptCommand {
  /// What a command takes.
  enum Argument {
    /// The name of a rule.
    case rule
    /// A record, of a class if one is named: `Product/bolt`.
    case record(of: String?)
    /// The name of a class.
    case className
    /// A verb, a function or a command.
    case topic
    /// A path.
    case file
    /// One of some words.
    case word([String])
    /// An expression, to the end of the line.
    case expression
    /// A whole line.
    case line
  }

  /// The word behind the colon.
  let word: String
  /// What stands behind the word, as help shows it.
  let form: String
  /// What it does.
  let meaning: String
  /// More about it, for who asks.
  var detail = ""
  /// What stands behind the word, for completion.
  var takes: [Argument] = []

  /// Returns the command of a word, also of a short one.
  static func named(_ word: String) -> PromptCommand? {
    let whole = short[word] ?? word
    return all.first { $0.word == whole }
  }

  /// Other words for commands.
  private static let short = ["h": "help", "?": "help", "q": "quit", "exit": "quit"]

  /// All commands, as help lists them.
  static let all: [PromptCommand] = [
    PromptCommand(
      word: "why", form: "CLASS/ID[.field]", meaning: "says why a record is as it is",
      takes: [.record(of: nil)]),
    PromptCommand(
      word: "why-not", form: "RULE CLASS/ID", meaning: "says what stopped a rule for a record",
      takes: [.rule, .record(of: nil)]),
    PromptCommand(
      word: "log", form: "[CLASS/ID]", meaning: "lists the last operations",
      takes: [.record(of: nil)]),
    PromptCommand(word: "refused", form: "", meaning: "lists what was refused"),
    PromptCommand(
      word: "rules", form: "[NAME]", meaning: "lists the rules, or shows one", takes: [.rule]),
    PromptCommand(
      word: "plan", form: "RULE", meaning: "lists what satisfies a rule, and what it would do",
      detail: "Nothing is done. `quartermaster catch-up RULE` does it.", takes: [.rule]),
    PromptCommand(
      word: "tables", form: "", meaning: "lists the classes and how many records each has"),
    PromptCommand(
      word: "schema", form: "CLASS", meaning: "lists the fields of a class", takes: [.className]),
    PromptCommand(
      word: "sandbox", form: "[off]", meaning: "works on a copy, until off or the end",
      detail:
        "All that is done in it is undone: rules, messages and time are those of the copy, the file itself is not "
        + "touched, and others may go on writing to it.",
      takes: [.word(["off"])]),
    PromptCommand(
      word: "undo", form: "", meaning: "takes back the last command (in a sandbox)",
      detail:
        "The copy is made anew and all other commands are done again. Outside a sandbox nothing can be taken back: "
        + "rules fired on what was done, and messages may have left."),
    PromptCommand(
      word: "clock", form: "[+2d]", meaning: "shows the time, or moves it (in a sandbox)",
      detail:
        "Timers and schedules in between fire, each at its own instant. :clock +90m, :clock +2d, "
        + ":clock 2026-03-02T09:00:00Z."),
    PromptCommand(
      word: "rule", form: "", meaning: "tries a rule that you type or paste (in a sandbox)",
      detail:
        "Type or paste the rule on the lines below; an empty line ends it. It is checked with all other rules and "
        + "is in force in this sandbox, in place of a rule of the same name. After an error, the arrow up brings "
        + "the text back. To keep a rule, write it to a file below rules/."),
    PromptCommand(
      word: "load", form: "FILE",
      meaning: "runs the lines of a file; of FILE.yaml, tries the rules",
      takes: [.file]),
    PromptCommand(
      word: "as", form: "User/ID", meaning: "sets who acts; :as system takes it back",
      detail: "Rules read it as actor, and the journal says who it was.",
      takes: [.record(of: "User")]),
    PromptCommand(
      word: "login", form: "USER", meaning: "sees and does what access.yaml allows a user",
      detail:
        "Formulas give what he may see, and actions do what he may. :as only says who acts, with the rights of the "
        + "system. No password is asked: who types here has the data file.",
      takes: [.record(of: "User")]),
    PromptCommand(word: "logout", form: "", meaning: "goes back to the rights of the system"),
    PromptCommand(word: "names", form: "", meaning: "lists the names that as: gave"),
    PromptCommand(
      word: "explain", form: "EXPRESSION", meaning: "says which part runs as which SQL",
      takes: [.expression]),
    PromptCommand(
      word: "wide", form: "[EXPRESSION]", meaning: "shows rows in full, one below the other",
      detail: "With an expression once; without, until :wide is typed again.",
      takes: [.expression]),
    PromptCommand(
      word: "time", form: "[LINE]", meaning: "says how long a line takes, or each",
      detail: "With a line once; without, until :time is typed again.", takes: [.line]),
    PromptCommand(
      word: "help", form: "[WORD]", meaning: "this, or help on a verb, a function or a command",
      takes: [.topic]),
    PromptCommand(word: "quit", form: "", meaning: "ends; so does Ctrl-D"),
  ]
}
