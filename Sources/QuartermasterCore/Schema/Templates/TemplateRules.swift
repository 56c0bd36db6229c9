internal import QuartermasterCEL

/// The rule files of a template without the rules that a project does without.
///
/// What goes is written over with blanks, so that everything else keeps its line: with it go the tests that name such a rule,
/// and its name in `follows` where the project has no rule of that name either.
struct TemplateRules {
  /// The files.
  private(set) var files: [SourceFile] = []
  /// The names of all rules of the template.
  private(set) var names: [String] = []

  /// Takes rules out.
  ///
  /// - Parameters:
  ///   - files: The files of the template.
  ///   - off: The names of the rules that go.
  ///   - own: The names of the rules that the project has itself.
  /// - Throws: What is wrong with a file as YAML.
  init(_ files: [SourceFile], without off: Set<String>, own: Set<String>) throws(DiagnosticList) {
    for file in files {
      let root = try YAMLReader.read(file).root
      var eraser = Eraser(file, off, own)
      for item in root.items {
        if let name = item["rule"]?.text { names.append(name) }
        eraser.visit(item)
      }
      self.files.append(eraser.result)
    }
  }

  /// Returns the names of the rules in files and where they stand; files that cannot be read have none.
  static func names(in files: [SourceFile]) -> [String: SourceSpan] {
    var names: [String: SourceSpan] = [:]
    for file in files {
      for item in (try? YAMLReader.read(file).root.items) ?? [] {
        if let node = item["rule"], let name = node.text { names[name] = node.span }
      }
    }
    return names
  }
}

/// Writes blanks over parts of one file.
private struct Eraser {
  private let file: SourceFile
  private let off: Set<String>
  private let own: Set<String>
  private var bytes: [UInt8]

  init(_ file: SourceFile, _ off: Set<String>, _ own: Set<String>) {
    (self.file, self.off, self.own) = (file, off, own)
    bytes = file.bytes
  }

  var result: SourceFile {
    SourceFile(name: file.name, text: String(decoding: bytes, as: UTF8.self))
  }

  mutating func visit(_ item: YAMLNode) {
    if let name = item["rule"]?.text {
      if off.contains(name) { return erase(lineStart(item.span)..<item.span.range.upperBound) }
      return follows(item)
    }
    if item["test"] != nil, names(in: item).contains(where: off.contains) {
      erase(lineStart(item.span)..<item.span.range.upperBound)
    }
  }

  /// The rules that a test names as fired or quiet.
  private func names(in test: YAMLNode) -> [String] {
    var nodes = test["expect"]?.items ?? []
    for step in test["do"]?.items ?? [] { nodes += step["expect"]?.items ?? [] }
    return nodes.compactMap { $0["fired"]?.text ?? $0["quiet"]?.text }
  }

  private mutating func follows(_ rule: YAMLNode) {
    guard let pair = rule.pairs?.first(where: { $0.key.text == "follows" }) else { return }
    let gone = pair.value.items.filter { item in
      item.text.map { off.contains($0) && !own.contains($0) } ?? false
    }
    if gone.isEmpty { return }
    let left = pair.value.items.compactMap(\.text).filter { !off.contains($0) || own.contains($0) }
    if !left.isEmpty, !pair.value.isFlow {
      // A name a line: each takes its dash with it.
      for item in gone { erase(lineStart(item.span)..<item.span.range.upperBound) }
      return
    }
    erase(pair.key.span.range.lowerBound..<pair.value.span.range.upperBound)
    guard !left.isEmpty else { return }
    let text = Array("follows: [\(left.joined(separator: ","))]".utf8)
    let start = pair.key.span.range.lowerBound
    bytes.replaceSubrange(start..<start + text.count, with: text)
  }

  private mutating func erase(_ range: Range<Int>) {
    for place in range where bytes[place] != 0x0A { bytes[place] = 0x20 }
  }

  private func lineStart(_ span: SourceSpan) -> Int {
    file.lineStarts[file.position(of: span.range.lowerBound).line - 1]
  }
}
