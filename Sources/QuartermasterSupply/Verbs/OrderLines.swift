internal import QuartermasterCEL
internal import QuartermasterCore

/// What a verb is about that takes an order or one of its lines: the order, and the lines in key order.
struct OrderLines {
  /// The order.
  let order: Record
  /// All its lines, or the one that was named.
  let lines: [Record]
  /// Whether one line was named.
  let isOneLine: Bool

  init(_ target: Record, _ context: VerbContext) throws(Refusal) {
    if context.has(target.type.name, "lines") {
      order = target
      lines = try context.related(target, "lines")
      isOneLine = false
      return
    }
    guard let order = try context.pointer(target, "order") else {
      throw Refusal(.error, "\(target.type.name)/\(target.id) belongs to no order")
    }
    self.order = order
    lines = [target]
    isOneLine = true
  }

  /// Returns the product of a line.
  func product(of line: Record, _ context: VerbContext) throws(Refusal) -> Record {
    if let product = try context.pointer(line, "product") { return product }
    throw Refusal(.error, "\(line.type.name)/\(line.id) has no product")
  }

  /// Returns what people call the order.
  func number(_ context: VerbContext) throws(Refusal) -> String {
    guard context.has(order.type.name, "number") else { return order.id }
    return try context.text(order, "number") ?? order.id
  }

  /// Returns the status of the order when it is an end of its flow, else nil.
  func end(_ context: VerbContext) throws(Refusal) -> String? {
    guard let field = context.schema[order.type.name]?.flowField, let flow = field.flow,
      let status = try context.text(order, field.name), flow.moves[status]?.isEmpty == true
    else { return nil }
    return status
  }
}
