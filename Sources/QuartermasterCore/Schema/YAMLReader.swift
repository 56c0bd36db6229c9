package import QuartermasterCEL

/// Reads YAML into nodes that know their places; scalars stay text, typed later by the slot that they stand in.
///
/// The traps of YAML that silently change what an operator wrote are errors or warnings here, see LANGUAGE.md,
/// section 11.
package enum YAMLReader {
  /// How deep lists and maps may stand in one another.
  static let maximumDepth = 100
  /// After how many places that YAML cannot read the reader gives up.
  private static let maximumFailures = 20

  /// Returns the one document of a file; a file without one is ``YAMLNode/Kind/empty``.
  ///
  /// A value that YAML cannot read is reported and stepped over, so that one run finds the mistakes of the whole
  /// file.
  ///
  /// - Throws: All that was found, warnings included, when an error is among it.
  package static func read(
    _ file: SourceFile
  ) throws(DiagnosticList) -> (root: YAMLNode, warnings: [Diagnostic]) {
    var bytes = file.bytes
    var failures: [Diagnostic] = []
    while true {
      var pass = Pass(file: file, stream: YAMLEventStream(bytes))
      do {
        let root = try pass.document()
        let found = failures + pass.diagnostics
        if found.contains(where: { $0.severity == .error }) { throw found.asList }
        return (root, found)
      } catch let failure as YAMLFailure {
        let trap = YAMLTrap.find(failure, in: file, bytes)
        failures.append(trap.diagnostic)
        guard let range = trap.value, failures.count < maximumFailures else {
          throw (failures + pass.diagnostics).asList
        }
        // Read again with harmless text of the same length in place of the value.
        for place in range { bytes[place] = UInt8(ascii: "x") }
      } catch let list as DiagnosticList {
        throw list
      } catch {
        throw failures.asList
      }
    }
  }
}

extension [Diagnostic] {
  /// The list to be thrown.
  fileprivate var asList: DiagnosticList { DiagnosticList(self) }
}

/// One reading of a file: events to nodes.
private struct Pass {
  let file: SourceFile
  let stream: YAMLEventStream
  var diagnostics: [Diagnostic] = []
  private var tabs: Set<Int> = []

  init(file: SourceFile, stream: YAMLEventStream) {
    self.file = file
    self.stream = stream
  }

  private func span(_ start: Int, _ end: Int) -> SourceSpan {
    SourceSpan(file: file, range: start..<max(start, end))
  }

  /// Reads the stream up to its end.
  mutating func document() throws(YAMLFailure) -> YAMLNode {
    var root: YAMLNode?
    while true {
      let event = try stream.next()
      switch event.kind {
      case .streamStart, .documentEnd: continue
      case .streamEnd: return root ?? YAMLNode(kind: .empty, span: span(0, 0))
      case .documentStart(let hasDirectives):
        if hasDirectives { diagnostics.append(.yamlDirective(span(event.start, event.end))) }
        if root != nil {
          diagnostics.append(.yamlSecondDocument(span(event.start, event.end)))
        }
      default:
        let node = try node(event, depth: 0)
        root = root ?? node
      }
    }
  }

  private mutating func node(_ event: YAMLEvent, depth: Int) throws(YAMLFailure) -> YAMLNode {
    checkTab(before: event.start)
    if depth > YAMLReader.maximumDepth {
      throw YAMLFailure(
        problem: "nesting", context: "", offset: event.start, contextOffset: nil)
    }
    if event.hasAnchor || event.hasTag {
      let range = YAMLTrap.restOfValue(from: event.start, in: file.bytes)
      diagnostics.append(
        .yamlReserved(
          file.bytes[event.start], value: String(decoding: file.bytes[range], as: UTF8.self),
          span(range.lowerBound, range.upperBound)))
    }
    switch event.kind {
    case .scalar(let value, let style): return scalar(event, value, style)
    case .alias:
      let range = YAMLTrap.restOfValue(from: event.start, in: file.bytes)
      diagnostics.append(
        .yamlReserved(
          UInt8(ascii: "*"), value: String(decoding: file.bytes[range], as: UTF8.self),
          span(range.lowerBound, range.upperBound)))
      return YAMLNode(kind: .empty, span: span(event.start, event.end))
    case .sequenceStart(let isFlow): return try sequence(event, isFlow: isFlow, depth: depth)
    case .mappingStart(let isFlow): return try mapping(event, isFlow: isFlow, depth: depth)
    default: return YAMLNode(kind: .empty, span: span(event.start, event.end))
    }
  }

  /// A tab before a node, as indentation or after a colon or a dash.
  private mutating func checkTab(before start: Int) {
    var place = start
    while place > 0, file.bytes[place - 1] == 0x20 || file.bytes[place - 1] == 0x09 {
      place -= 1
      if file.bytes[place] == 0x09, tabs.insert(place).inserted {
        diagnostics.append(.yamlTab(span(place, place + 1)))
      }
    }
  }

  private mutating func scalar(
    _ event: YAMLEvent, _ value: [UInt8], _ style: YAMLScalarStyle
  ) -> YAMLNode {
    if style == .plain {
      checkComment(after: event.end, from: event.start)
      if value.isEmpty { return YAMLNode(kind: .empty, span: span(event.start, event.end)) }
    }
    var start = event.start
    if event.hasAnchor || event.hasTag {
      // The mark is that of the anchor or the tag; the file is refused anyway.
      start = max(event.start, event.end - value.count)
    }
    let (source, end) = YAMLScalarAssembler.assemble(value, style, start..<event.end, in: file)
    let kind: YAMLNode.Style
    switch style {
    case .plain: kind = .plain
    case .singleQuoted, .doubleQuoted: kind = .quoted
    case .literal, .folded: kind = .block
    }
    return YAMLNode(kind: .scalar(source, kind), span: span(start, end))
  }

  /// Warns of text that YAML takes for a comment, as in `Order #12 is late`.
  ///
  /// A comment as people write them has a space after `#`.
  private mutating func checkComment(after end: Int, from start: Int) {
    let bytes = file.bytes
    var place = end
    while place < bytes.count, bytes[place] == 0x20 || bytes[place] == 0x09 { place += 1 }
    guard place > end, place + 1 < bytes.count, bytes[place] == UInt8(ascii: "#") else { return }
    switch bytes[place + 1] {
    case 0x20, 0x09, 0x0A, 0x0D, UInt8(ascii: "#"): return
    default:
      var stop = place
      while stop < bytes.count, bytes[stop] != 0x0A, bytes[stop] != 0x0D { stop += 1 }
      diagnostics.append(.yamlCut(span(place, stop), value: start))
    }
  }

  private mutating func sequence(
    _ start: YAMLEvent, isFlow: Bool, depth: Int
  ) throws(YAMLFailure) -> YAMLNode {
    var items: [YAMLNode] = []
    var end = start.end
    while true {
      let event = try stream.next()
      if case .sequenceEnd = event.kind {
        if isFlow { end = event.end }
        break
      }
      let item = try node(event, depth: depth + 1)
      if isFlow, let last = items.last { checkSplit(last) }
      items.append(item)
      end = item.span.range.upperBound
    }
    return YAMLNode(kind: .sequence(items), span: span(start.start, end))
  }

  /// A formula in a flow list or map that YAML split at a comma inside its parentheses.
  @discardableResult
  private mutating func checkSplit(_ node: YAMLNode) -> Bool {
    guard case .scalar(let source, .plain) = node.kind, YAMLTrap.isUnclosed(source.text) else {
      return false
    }
    diagnostics.append(.yamlSplit(source.text, node.span))
    return true
  }

  private mutating func mapping(
    _ start: YAMLEvent, isFlow: Bool, depth: Int
  ) throws(YAMLFailure) -> YAMLNode {
    var pairs: [(key: YAMLNode, value: YAMLNode)] = []
    var places: [[UInt8]: SourceSpan] = [:]
    var end = start.end
    while true {
      let event = try stream.next()
      if case .mappingEnd = event.kind {
        if isFlow { end = max(end, event.end) }
        break
      }
      let key = try node(event, depth: depth + 1)
      let value = try node(stream.next(), depth: depth + 1)
      end = max(end, max(key.span.range.upperBound, value.span.range.upperBound))
      guard case .scalar(let source, let style) = key.kind else {
        if case .alias = event.kind { continue }
        diagnostics.append(.yamlKey(key.span))
        continue
      }
      if source.text == "<<", style == .plain {
        diagnostics.append(.yamlMerge(key.span))
        continue
      }
      if let first = places[Array(source.text.utf8)] {
        diagnostics.append(.yamlDuplicate(source.text, key.span, first: first))
        continue
      }
      places[Array(source.text.utf8)] = key.span
      if isFlow {
        if case .empty = value.kind {
          let split = pairs.last.flatMap { YAMLTrap.isUnclosed($0.value.text ?? "") ? $0 : nil }
          diagnostics.append(
            .yamlNullInFlow(source.text, splitFrom: split?.key.text, key.span))
        } else if let last = pairs.last {
          checkSplit(last.value)
        }
      }
      pairs.append((key, value))
    }
    return YAMLNode(kind: .mapping(pairs), span: span(start.start, end))
  }
}
