internal import QuartermasterCEL
internal import QuartermasterCore

/// `receive: PURCHASE_ORDER | LINE`, with `quantity` and `into`: what is outstanding, or a part of it, comes into stock.
struct ReceiveVerb {
  private let context: VerbContext

  init(_ context: VerbContext) { self.context = context }

  /// - Returns: The purchase order.
  func run(_ call: VerbCall) throws(Refusal) -> Record? {
    let subject = try OrderLines(try call.requiredTarget(), context)
    let number = try subject.number(context)
    var open: [(line: Record, quantity: Int64)] = []
    for line in subject.lines {
      let quantity = try context.integer(line, "open")
      if quantity > 0 { open.append((line, quantity)) }
    }
    if open.isEmpty {
      context.note("nothing received: nothing is outstanding on \(number)")
      return subject.order
    }
    if let part = try call.integer("quantity") {
      guard part > 0 else {
        context.note("nothing received: the quantity is \(part)")
        return subject.order
      }
      guard open.count == 1 else {
        throw Refusal(
          .error,
          "\(number) has \(open.count) lines that are outstanding; receive a line to receive a part of it"
        )
      }
      guard part <= open[0].quantity else {
        throw Refusal(
          .error,
          "\(part) were to be received, and \(open[0].quantity) are outstanding on \(number)")
      }
      open[0].quantity = part
    }
    let into = try call.record("into")
    for (line, quantity) in open { try receive(quantity, on: line, subject, into, number) }
    try followStatus(of: subject.order)
    return subject.order
  }

  private func receive(
    _ quantity: Int64, on line: Record, _ subject: OrderLines, _ into: Record?, _ number: String
  ) throws(Refusal) {
    let product = try subject.product(of: line, context)
    try Stock(of: product, context).put(quantity, into: into, reason: number)
    let received = try Quantity.sum(
      try context.integer(line, "received"), quantity, of: "what was received of \(product.id)")
    let open = try context.integer(line, "open")
    try context.set(line, ["received": .int(received), "open": .int(max(0, open - quantity))])
  }

  /// The order is received when nothing is outstanding any more, else received in part.
  private func followStatus(of order: Record) throws(Refusal) {
    var isWhole = true
    for line in try context.related(order, "lines") {
      if try context.integer(line, "open") > 0 { isWhole = false }
    }
    let status = isWhole ? "received" : "partial"
    if try context.text(order, "status") != status {
      try context.set(order, ["status": .string(status)])
    }
  }
}
