/// How the time of a function grows with its arguments: what a limit on the cost of an evaluation charges for it.
enum CostModel: Sendable {
  /// As long for a large value as for a small one.
  case constant
  /// With the sum of the sizes.
  case linear
  /// With the product of the sizes: each part of one is compared with each of another.
  case product

  /// Returns the model of a function; of a namespaced one, the overload says which.
  init(of function: String, _ overload: Overload?) {
    self = Self.known[function] ?? overload.flatMap { Self.known[$0.id] } ?? .linear
  }

  private static let known: [String: CostModel] = [
    "dyn": .constant, "first": .constant, "hasValue": .constant, "last": .constant,
    "optional_of": .constant, "or": .constant, "orValue": .constant, "type": .constant,
    "value": .constant,
    "distinct": .product, "list_sets_contains_list": .product,
    "list_sets_equivalent_list": .product, "list_sets_intersects_list": .product,
  ]
}

extension Frame {
  /// The largest step limit that counts as one; evaluations without any do not look at sizes.
  private static let largestLimit = Int.max / 2

  /// Whether the cost of evaluations is limited.
  @inline(__always)
  var isLimited: Bool { stepLimit <= Self.largestLimit }

  /// Charges for going through a value.
  @inline(__always)
  func charge(_ value: Value, _ node: Node, _ model: CostModel = .linear) throws(EvaluationError) {
    if isLimited { try chargeOne(value, node, model) }
  }

  /// Charges for going through two values.
  @inline(__always)
  func charge(
    _ a: Value, _ b: Value, _ node: Node, _ model: CostModel = .linear
  ) throws(EvaluationError) {
    if isLimited { try chargeTwo(a, b, node, model) }
  }

  /// Charges for going through some values.
  @inline(__always)
  func charge(
    _ values: [Value], _ node: Node, _ model: CostModel = .linear
  ) throws(EvaluationError) {
    if isLimited { try chargeSizes(of: values, node, model) }
  }

  // Apart from what is inlined, so that evaluations without a limit pay for one comparison only.
  @inline(never)
  private func chargeOne(
    _ value: Value, _ node: Node, _ model: CostModel
  ) throws(EvaluationError) {
    try chargeSizes(of: [value], node, model)
  }

  @inline(never)
  private func chargeTwo(
    _ a: Value, _ b: Value, _ node: Node, _ model: CostModel
  ) throws(EvaluationError) {
    try chargeSizes(of: [a, b], node, model)
  }

  /// Charges for a value that was made, and returns it.
  @inline(__always)
  func charged(_ value: Value, _ node: Node) throws(EvaluationError) -> Value {
    if isLimited { try steps(value.length, node) }
    return value
  }

  @inline(never)
  private func chargeSizes(
    of values: [Value], _ node: Node, _ model: CostModel
  ) throws(EvaluationError) {
    guard model != .constant else { return try steps(1, node) }
    var left = stepLimit
    for value in values { value.count(against: &left) }
    try steps(stepLimit - left + 1, node)
    guard model == .product else { return }
    let longest = values.map(\.length).max() ?? 0
    let other = values.dropFirst().map(\.length).max() ?? longest
    try steps(
      Int(
        clamping: longest.multipliedFullWidth(by: max(other, 1)).high == 0
          ? longest &* max(other, 1) / 16 : .max), node)
  }
}

extension Value {
  /// The size of the value itself, in steps: its elements or entries; 16 bytes of a text count as one.
  var length: Int {
    switch self {
    case .string(let text): text.utf8.count / 16
    case .bytes(let bytes): bytes.count / 16
    case .list(let items): items.count
    case .map(let map): map.count
    default: 0
    }
  }

  /// Takes the size of the value and of all in it from a number of steps; stops when that is below zero.
  func count(against left: inout Int) {
    left -= length
    guard left >= 0 else { return }
    switch self {
    case .list(let items):
      for item in items where left >= 0 { item.count(against: &left) }
    case .map(let map):
      for entry in map.entries where left >= 0 { entry.value.count(against: &left) }
    case .optional(let box): box.value?.count(against: &left)
    default: break
    }
  }
}
