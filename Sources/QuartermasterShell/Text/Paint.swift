/// Colours of what is printed, where a terminal shows it; else none.
struct Paint {
  /// Whether there are colours.
  let isOn: Bool

  /// What a text is.
  enum Role: String {
    case added = "32"
    case changed = "33"
    case removed = "31"
    case rule = "36"
    case heading = "1"
    case faint = "2"
  }

  /// No colours.
  static let none = Paint(isOn: false)

  /// Returns a text in the colour of its role.
  func callAsFunction(_ text: String, _ role: Role) -> String {
    isOn && !text.isEmpty ? "\u{1B}[\(role.rawValue)m\(text)\u{1B}[0m" : text
  }
}

extension ShellContext {
  /// The colours of output.
  var paint: Paint { Paint(isOn: colorsOutput) }
}
