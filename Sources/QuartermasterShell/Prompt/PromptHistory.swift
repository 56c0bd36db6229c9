internal import Foundation

/// What was typed at the prompt, kept from one time to the next.
///
/// A file in the user's own folder for such things, readable by its owner alone, an entry a line. Each entry is appended
/// when it was typed, so that nothing is lost when a terminal is closed, and prompts side by side do not overwrite each
/// other's. Docs/Decisions/0162.
public struct PromptHistory: Sendable {
  private let path: String

  /// How many entries are kept.
  private static let most = 1000

  /// Creates the history of a user; nil where there is no folder for it, as for a user without a home.
  ///
  /// - Parameter environment: The variables: the file lies below `XDG_STATE_HOME`, or `~/.local/state`.
  public init?(environment: [String: String]) {
    let base: String
    if let state = environment["XDG_STATE_HOME"], state.hasPrefix("/") {
      base = state
    } else if let home = environment["HOME"], home.hasPrefix("/") {
      base = home + "/.local/state"
    } else {
      return nil
    }
    path = base + "/quartermaster/history"
  }

  /// Returns the entries, the last one typed at the end; of a file that grew long only the last thousand, and the file
  /// is cut to these.
  public func entries() -> [String] {
    guard let data = FileManager.default.contents(atPath: path) else { return [] }
    let lines = String(decoding: data, as: UTF8.self).split(separator: "\n")
    let kept = lines.suffix(Self.most)
    if lines.count > 2 * Self.most {
      let text = kept.map { $0 + "\n" }.joined()
      // A file that cannot be written only stays long.
      if (try? Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)) != nil {
        chmod(path, 0o600)
      }
    }
    return kept.map { Self.decoded($0) }
  }

  /// Adds an entry.
  ///
  /// - Returns: Whether it could be written.
  @discardableResult
  public func append(_ entry: String) -> Bool {
    let folder = (path as NSString).deletingLastPathComponent
    try? FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    let file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
    guard file >= 0 else { return false }
    defer { close(file) }
    // A file that others could read since some other program made it is theirs no longer.
    fchmod(file, 0o600)
    let bytes = Array((Self.encoded(entry) + "\n").utf8)
    return write(file, bytes, bytes.count) == bytes.count
  }

  private static func encoded(_ entry: String) -> String {
    var text = ""
    for character in entry.unicodeScalars {
      switch character {
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      default: text.unicodeScalars.append(character)
      }
    }
    return text
  }

  private static func decoded(_ line: Substring) -> String {
    var text = ""
    var isEscaped = false
    for character in line.unicodeScalars {
      if isEscaped {
        isEscaped = false
        switch character {
        case "n": text += "\n"
        case "r": text += "\r"
        default: text.unicodeScalars.append(character)
        }
      } else if character == "\\" {
        isEscaped = true
      } else {
        text.unicodeScalars.append(character)
      }
    }
    return text
  }
}
