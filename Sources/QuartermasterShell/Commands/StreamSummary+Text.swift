internal import QuartermasterCEL
internal import QuartermasterCore

extension StreamSummary {
  /// Returns the lines that end a stream.
  ///
  /// - Parameter published: The number of the rules that were put in force, if they were.
  /// - Returns: The lines.
  func text(published: Int64?) -> String {
    var text = ""
    if let published { text += "rules in force: number \(published)\n" }
    if let line = resumedAfter { text += "went on after line \(Plain.count(Int(line)))\n" }
    text += "\(Plain.count(changes, "change")) in \(Plain.seconds(seconds))"
    if seconds > 0.05 {
      text += " (\(Plain.count(Int(Double(changes) / seconds))) a second)"
    }
    text += "\n"
    if known > 0 { text += "there already: \(Plain.count(known))\n" }
    if dated > 0 {
      text += "dated earlier than the clock: \(Plain.count(dated)); they happened at its instant\n"
    }
    text += Self.counts("refused", refused)
    text += Self.counts("firings", firings)
    text += Self.counts("skipped", skipped)
    text += Self.counts("failed alone", failedAlone)
    return text
  }

  private static func counts(_ title: String, _ counts: [String: Int]) -> String {
    if counts.isEmpty {
      return title == "failed alone" || title == "skipped" ? "" : "\(title): none\n"
    }
    let total = counts.values.reduce(0, +)
    let width = counts.keys.reduce(0) { max($0, DisplayText.width($1)) }
    let digits = Plain.count(counts.values.max() ?? 0).utf8.count
    var text = "\(title): \(Plain.count(total))\n"
    for (name, count) in counts.sorted(by: {
      $0.value != $1.value ? $0.value > $1.value : $0.key < $1.key
    }) {
      text += "  " + DisplayText.padded(name, to: width)
      text += "  " + DisplayText.padded(Plain.count(count), to: digits, right: true) + "\n"
    }
    return text
  }

  /// The same as one JSON object.
  var json: String {
    func object(_ counts: [String: Int]) -> JSONValue {
      .object(counts.sorted { $0.key < $1.key }.map { ($0.key, .number(String($0.value))) })
    }
    let members: [(key: String, value: JSONValue)] = [
      ("changes", .number(String(changes))),
      ("refused", .number(String(refused.values.reduce(0, +)))),
      ("reasons", object(refused)), ("firings", object(firings)),
      ("skipped", object(skipped)), ("failedAlone", object(failedAlone)),
      ("known", .number(String(known))), ("dated", .number(String(dated))),
      ("resumedAfter", resumedAfter.map { .number(String($0)) } ?? .null),
      ("seconds", .number(Plain.fixed(seconds, 6))),
    ]
    return JSONWriter.text(.object(members)) + "\n"
  }
}

extension StreamRunner.RefusedLine {
  /// Returns the line that reports it.
  ///
  /// - Parameter origin: Where the line stands.
  /// - Returns: The line.
  func text(at origin: String) -> String {
    var text = "\(origin): refused (\(reason)): \(message)"
    if let rule = rule {
      text += " [\(rule)"
      if let place = place {
        text += ", \(place.file.name):\(place.file.position(of: place.range.lowerBound).line)"
      }
      text += "]"
    }
    return DisplayText.oneLine(text) + "\n"
  }
}
