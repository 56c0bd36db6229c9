internal import QuartermasterCEL
internal import QuartermasterCore

/// `ship: ORDER`, with `carrier` and `trackingNumber`: what is allocated leaves the stock, and a shipment is created.
struct ShipVerb {
  private let context: VerbContext

  init(_ context: VerbContext) { self.context = context }

  /// - Returns: The shipment; nil when there was nothing to ship.
  func run(_ call: VerbCall) throws(Refusal) -> Record? {
    let subject = try OrderLines(try call.requiredTarget(), context)
    let number = try subject.number(context)
    var isAnything = false
    for line in subject.lines {
      let shipped = try context.integer(line, "shipped")
      let wanted = try Quantity.difference(
        try context.integer(line, "allocated"), shipped, of: "what is to be shipped")
      if wanted <= 0 { continue }
      let product = try subject.product(of: line, context)
      let taken = try Stock(of: product, context).takeReserved(wanted, reason: number)
      if taken < wanted { context.note("\(taken) of \(wanted) of \(product.id) are there to ship") }
      if taken == 0 { continue }
      try context.set(line, ["shipped": .int(shipped + taken)])
      isAnything = true
    }
    guard isAnything else {
      context.note("nothing to ship: nothing is allocated to \(number)")
      return nil
    }
    var fields: [String: Value] = ["order": .record(subject.order)]
    for name in ["carrier", "trackingNumber"] {
      if let text = try call.text(name) { fields[name] = .string(text) }
    }
    return try context.create(SupplyClass.shipment, fields)
  }
}
