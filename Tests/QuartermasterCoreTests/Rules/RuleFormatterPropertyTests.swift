import Foundation
import QuartermasterCEL
import Testing

@testable import QuartermasterCore

/// Formatting changes no meaning: files that load give equal rules and tests before and after, and a second time nothing
/// changes.
@Suite struct RuleFormatterPropertyTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// The projects of this package: the folders that hold a schema.
  static let projects: [String] = {
    ["rules", "examples"].flatMap { top -> [String] in
      let base = root.appendingPathComponent(top)
      let paths = FileManager.default.enumerator(atPath: base.path)?.compactMap { $0 as? String }
      return (paths ?? []).filter { $0.hasSuffix("schema.yaml") && !$0.contains(".build") }
        .map { "\(top)/" + $0.dropLast("schema.yaml".count + 1) }
    }.sorted()
  }()

  @Test func `there are projects to look at`() { #expect(Self.projects.count >= 6) }

  @Test(arguments: projects) func `shipped rules are in form`(project: String) throws {
    let loaded = try Project.load(folder: Self.root.appendingPathComponent(project).path)
    let formatter = RuleFormatter(schema: loaded.schema)
    for file in loaded.ruleFiles {
      #expect(try formatter.format(file) == file.text, "\(file.name): run quartermaster fmt")
    }
  }

  @Test(arguments: projects) func `formatting keeps meaning`(project: String) throws {
    let loaded = try Project.load(folder: Self.root.appendingPathComponent(project).path)
    let formatter = RuleFormatter(schema: loaded.schema)
    var draw = SeededDraw(state: UInt64(project.utf8.count) &* 7919)
    for file in loaded.ruleFiles {
      let wanted = try Self.meaning(of: [file], loaded)
      for _ in 0..<12 {
        let loose = SourceFile(name: file.name, text: Self.loosened(file.text, &draw))
        #expect(try Self.meaning(of: [loose], loaded) == wanted, "the test loosened too much")
        let text = try formatter.format(loose)
        let after = SourceFile(name: file.name, text: text)
        #expect(try Self.meaning(of: [after], loaded) == wanted)
        #expect(try formatter.format(after) == text)
      }
    }
  }

  @Test(arguments: 0..<60) func `broken files that still load keep their meaning`(seed: Int) throws
  {
    var draw = SeededDraw(state: UInt64(seed) &* 104_729 &+ 1)
    let schema = SupplyFixture.loadedSchema
    let formatter = RuleFormatter(schema: schema)
    for _ in 0..<20 {
      var bytes = Array(SupplyFixture.rules.utf8)
      for _ in 0..<Int.random(in: 1...3, using: &draw) {
        let place = Int.random(in: 0..<bytes.count, using: &draw)
        let end = min(bytes.count, place + Int.random(in: 0...12, using: &draw))
        switch Int.random(in: 0..<3, using: &draw) {
        case 0: bytes.removeSubrange(place..<end)
        case 1: bytes.insert(contentsOf: Array(bytes[place..<end]), at: place)
        default:
          bytes.insert(
            contentsOf: Array([" ", "\n", " # x", "'", "\"", "- "][place % 6].utf8), at: place)
        }
      }
      let file = SourceFile(name: "rules.yaml", text: String(decoding: bytes, as: UTF8.self))
      guard let text = try? formatter.format(file) else { continue }
      let after = SourceFile(name: "rules.yaml", text: text)
      #expect(try formatter.format(after) == text, "\(file.text)")
      #expect(
        Self.meaning([file], schema, supplySettings)
          == Self.meaning([after], schema, supplySettings))
    }
  }

  /// Changes what means nothing: deeper levels, blank lines, comments, `${...}` around conditions.
  private static func loosened(_ text: String, _ draw: inout SeededDraw) -> String {
    var lines: [String] = []
    var blockDepth: Int?
    // Behind a block text a comment could be a line of it.
    var wasBlock = false
    let step = Int.random(in: 1...3, using: &draw)
    var open = 0
    let written = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    for (place, line) in written.enumerated() {
      let depth = line.prefix { $0 == " " }.count
      let isBlank = line.allSatisfy { $0 == " " }
      if let block = blockDepth, isBlank || depth > block {
        lines.append(
          isBlank ? line : String(repeating: " ", count: depth * step) + line.dropFirst(depth))
        wasBlock = true
        continue
      }
      blockDepth = ["|", "|-", ">-"].contains { line.hasSuffix($0) } ? depth : nil
      var new = isBlank ? line : String(repeating: " ", count: depth * step) + line.dropFirst(depth)
      // The dash of an item stays where the columns of its keys were taken from.
      if let dash = new.firstIndex(where: { $0 != " " }), new[dash...].hasPrefix("- ") {
        let rest = new[new.index(dash, offsetBy: 2)...]
        new = String(new[..<dash]) + "-" + String(repeating: " ", count: 2 * step - 1) + rest
      }
      // Nothing may come between the lines of one value.
      let wasOpen = open > 0
      open += line.count { "([{".contains($0) } - line.count { ")]}".contains($0) }
      let next = place + 1 < written.count ? written[place + 1] : ""
      if wasOpen || open > 0 || !Self.beginsAnew(line) || !Self.beginsAnew(next) {
        wasBlock = false
        lines.append(new)
        continue
      }
      open = 0
      if !isBlank, blockDepth == nil, !wasBlock {
        switch Int.random(in: 0..<12, using: &draw) {
        case 0: lines.append("")
        case 1:
          lines.append(
            String(repeating: " ", count: Int.random(in: 0...9, using: &draw)) + "# note")
        // Behind words it would be what was cut off of them.
        case 2 where new.hasSuffix(":"): new += "   # behind"
        default: break
        }
      }
      if let range = new.range(of: "when: "), !new.contains("#"), !new.contains("\""),
        !new.hasSuffix("-"),
        !new[range.upperBound...].hasPrefix("$"), Bool.random(using: &draw)
      {
        new = new[..<range.upperBound] + "${ " + new[range.upperBound...] + " }"
      }
      wasBlock = false
      lines.append(new)
    }
    return lines.joined(separator: "\n")
  }

  /// Returns whether a line is not the rest of the value above it.
  private static func beginsAnew(_ line: String) -> Bool {
    let words = line.drop { $0 == " " }
    return words.isEmpty || words.hasPrefix("#") || words.hasPrefix("- ")
      || words.prefixMatch(of: /[A-Za-z0-9_.-]+:(\s|$)/) != nil
  }

  private static func meaning(of files: [SourceFile], _ project: Project) throws -> [String] {
    meaning(files, project.schema, project.settings)
  }

  /// All that the checked rules and tests of files hold but where it stands, and the codes of what was found.
  private static func meaning(
    _ files: [SourceFile], _ schema: Schema, _ settings: ProjectSettings
  ) -> [String] {
    let sink = DiagnosticSink()
    let context = RuleContext(
      schema: schema, settings: settings, options: RuleCheckOptions(), sink: sink, queries: nil,
      functions: schema.functionLibrary([:]))
    var loader = RuleFileLoader(schema: schema, sink: sink)
    for file in files { loader.load(file) }
    let rules = loader.result.rules.map { RuleChecker($0, in: context).check() }
    let names = Set(loader.result.rules.map(\.name.text))
    let tests = loader.result.tests.map { TestChecker($0, in: context, ruleNames: names).check() }
    var text: [String] = []
    for rule in rules { text.append(Self.shape(rule as Any)) }
    for test in tests { text.append(Self.shape(test as Any)) }
    // A comment that was text cut off stays so; where things stand is another matter.
    // Nor do needless `${ }` mean anything: they are noted, and taken off.
    return text + sink.items.map(\.code).filter { $0 != "rules/braces" }.sorted()
  }

  private static func shape(_ value: Any) -> String {
    switch value {
    case is SourceSpan, is SourceFile, is ExprSource, is Range<Int>: return "_"
    case let expr as Expr: return expr.text
    case let text as String: return text
    case let value as Value: return "\(value)"
    default: break
    }
    let mirror = Mirror(reflecting: value)
    if mirror.displayStyle == .class { return "\(type(of: value))" }
    if mirror.children.isEmpty { return "\(value)" }
    if mirror.displayStyle == .dictionary || mirror.displayStyle == .set {
      return "{" + mirror.children.map { shape($0.value) }.sorted().joined(separator: ",") + "}"
    }
    let inner = mirror.children.map { "\($0.label ?? ""):\(shape($0.value))" }
    return "\(type(of: value))(" + inner.joined(separator: ",") + ")"
  }
}

/// Numbers that are the same in every run.
struct SeededDraw: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
