internal import CYaml

/// What libyaml reports, with places as UTF-8 offsets.
struct YAMLEvent {
  /// The kinds of events.
  enum Kind {
    case streamStart, streamEnd
    case documentStart(hasDirectives: Bool)
    case documentEnd
    case alias
    case scalar(value: [UInt8], YAMLScalarStyle)
    case sequenceStart(isFlow: Bool)
    case sequenceEnd
    case mappingStart(isFlow: Bool)
    case mappingEnd
  }

  /// What it is.
  let kind: Kind
  /// Where it stands.
  ///
  /// The end of a block scalar is not where its text ends.
  let start: Int, end: Int
  /// Whether an anchor or a tag stands before it.
  let hasAnchor: Bool, hasTag: Bool
}

/// The five ways to write a scalar.
enum YAMLScalarStyle { case plain, singleQuoted, doubleQuoted, literal, folded }

/// Why libyaml stopped: its own words, and up to two places.
struct YAMLFailure: Error {
  /// What is wrong, such as `mapping values are not allowed in this context`.
  let problem: String
  /// What libyaml was doing, such as `while parsing a block mapping`; may be empty.
  let context: String
  /// The UTF-8 offset of the problem.
  let offset: Int
  /// The UTF-8 offset at which the context began, if any.
  let contextOffset: Int?
}

/// libyaml as a stream of events.
///
/// The events are used, not the composed nodes of Yams: only events tell aliases from what they stand for,
/// have an end, and leave duplicate keys to the reader, which can name both places.
final class YAMLEventStream {
  private let parser: UnsafeMutablePointer<yaml_parser_t>
  private let input: UnsafeMutableBufferPointer<UInt8>
  /// libyaml counts characters; empty when each is one byte.
  private let offsets: [Int]

  /// Creates a stream over a whole file.
  init(_ bytes: [UInt8]) {
    parser = .allocate(capacity: 1)
    parser.initialize(to: yaml_parser_t())
    input = .allocate(capacity: max(bytes.count, 1))
    _ = input.initialize(from: bytes)
    offsets = YAMLEventStream.characterOffsets(bytes)
    yaml_parser_initialize(parser)
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    yaml_parser_set_input_string(parser, UnsafePointer(input.baseAddress), bytes.count)
  }

  deinit {
    yaml_parser_delete(parser)
    parser.deallocate()
    input.deallocate()
  }

  private static func characterOffsets(_ bytes: [UInt8]) -> [Int] {
    guard bytes.contains(where: { $0 >= 0x80 }) else { return [] }
    var offsets = bytes.indices.filter { bytes[$0] & 0xC0 != 0x80 }
    offsets.append(bytes.count)
    return offsets
  }

  private func offset(_ mark: yaml_mark_t) -> Int {
    offsets.isEmpty ? Int(mark.index) : offsets[min(Int(mark.index), offsets.count - 1)]
  }

  /// Returns the next event.
  func next() throws(YAMLFailure) -> YAMLEvent {
    var event = yaml_event_t()
    guard yaml_parser_parse(parser, &event) == 1 else { throw failure() }
    defer { yaml_event_delete(&event) }
    var hasAnchor = false
    var hasTag = false
    let kind: YAMLEvent.Kind
    switch event.type {
    case YAML_STREAM_START_EVENT: kind = .streamStart
    case YAML_DOCUMENT_START_EVENT:
      let start = event.data.document_start
      kind = .documentStart(
        hasDirectives: start.version_directive != nil
          || start.tag_directives.start != start.tag_directives.end)
    case YAML_DOCUMENT_END_EVENT: kind = .documentEnd
    case YAML_ALIAS_EVENT: kind = .alias
    case YAML_SCALAR_EVENT:
      let scalar = event.data.scalar
      hasAnchor = scalar.anchor != nil
      hasTag = scalar.tag != nil
      let value = Array(UnsafeBufferPointer(start: scalar.value, count: scalar.length))
      kind = .scalar(value: value, Self.style(scalar.style))
    case YAML_SEQUENCE_START_EVENT:
      let sequence = event.data.sequence_start
      hasAnchor = sequence.anchor != nil
      hasTag = sequence.tag != nil
      kind = .sequenceStart(isFlow: sequence.style == YAML_FLOW_SEQUENCE_STYLE)
    case YAML_SEQUENCE_END_EVENT: kind = .sequenceEnd
    case YAML_MAPPING_START_EVENT:
      let mapping = event.data.mapping_start
      hasAnchor = mapping.anchor != nil
      hasTag = mapping.tag != nil
      kind = .mappingStart(isFlow: mapping.style == YAML_FLOW_MAPPING_STYLE)
    case YAML_MAPPING_END_EVENT: kind = .mappingEnd
    default: kind = .streamEnd
    }
    return YAMLEvent(
      kind: kind, start: offset(event.start_mark), end: offset(event.end_mark),
      hasAnchor: hasAnchor, hasTag: hasTag)
  }

  private static func style(_ style: yaml_scalar_style_t) -> YAMLScalarStyle {
    switch style {
    case YAML_SINGLE_QUOTED_SCALAR_STYLE: .singleQuoted
    case YAML_DOUBLE_QUOTED_SCALAR_STYLE: .doubleQuoted
    case YAML_LITERAL_SCALAR_STYLE: .literal
    case YAML_FOLDED_SCALAR_STYLE: .folded
    default: .plain
    }
  }

  private func failure() -> YAMLFailure {
    let state = parser.pointee
    let problem = state.problem.map { String(cString: $0) } ?? "out of memory"
    let context = state.context.map { String(cString: $0) } ?? ""
    // A reader error counts bytes; all others have marks.
    let isReader = state.error == YAML_READER_ERROR
    return YAMLFailure(
      problem: problem, context: context,
      offset: isReader ? Int(state.problem_offset) : offset(state.problem_mark),
      contextOffset: context.isEmpty || isReader ? nil : offset(state.context_mark))
  }
}
