internal import QuartermasterCEL
internal import QuartermasterCore

/// `purchase: PRODUCT`, `quantity: N`, with `from`, `destination` and `by`: puts a product on a supplier's draft.
struct PurchaseVerb {
  private let context: VerbContext

  init(_ context: VerbContext) { self.context = context }

  /// - Returns: The line of the purchase order; nil when nothing was to be bought.
  func run(_ call: VerbCall) throws(Refusal) -> Record? {
    let product = try call.requiredTarget()
    guard let asked = try call.integer("quantity"), asked > 0 else {
      let given = try call.integer("quantity").map { "\($0)" } ?? "null"
      context.note("nothing bought: the quantity of \(product.id) is \(given)")
      return nil
    }
    let choice = try SupplierChoice(
      for: product, quantity: asked, from: try call.record("from"), context)
    let quantity = try rounded(asked, product, choice)
    let terms = OrderTerms(
      supplier: choice.supplier, destination: try call.text("destination"),
      expected: try expectedDate(choice), neededBy: try call.instant("by"))
    let order = try draft(terms)
    let line = try add(quantity, of: product, price: try price(product, choice), to: order)
    if let needed = terms.neededBy, let expected = terms.expected, needed < expected {
      context.note("\(product.id) is needed by \(needed) and expected at \(expected)")
    }
    let rounding = quantity == asked ? "" : " for the \(asked) that were asked"
    let number =
      context.has(order.type.name, "number") ? try context.text(order, "number") : order.id
    context.note(
      "\(quantity) of \(product.id)\(rounding) from \(choice.supplier.id), on \(number ?? order.id)"
    )
    return line
  }

  /// Rounds up to the pack size, then to the minimum of the supplier.
  private func rounded(_ asked: Int64, _ product: Record, _ choice: SupplierChoice) throws(Refusal)
    -> Int64
  {
    var pack: Int64 = 0
    var minimum: Int64 = 0
    if let offer = choice.offer {
      pack = try context.integer(offer, "packSize")
      minimum = try context.integer(offer, "minimumQuantity")
    }
    if pack < 1, context.has(product.type.name, "packSize") {
      pack = try context.integer(product, "packSize")
    }
    let packed = try Quantity.roundedUp(asked, to: pack, of: "the quantity of \(product.id)")
    return max(packed, minimum)
  }

  /// Returns the offer's price, else the product's cost; nil where neither is known, which is an error only when the
  /// order is sent.
  private func price(_ product: Record, _ choice: SupplierChoice) throws(Refusal) -> ExactDecimal? {
    if let offer = choice.offer, let price = try context.decimal(offer, "price") { return price }
    return context.has(product.type.name, "cost") ? try context.decimal(product, "cost") : nil
  }

  // MARK: The order

  /// What an addition asks of the order that it goes to.
  private struct OrderTerms {
    let supplier: Record
    let destination: String?
    let expected: Timestamp?
    let neededBy: Timestamp?
  }

  /// Returns the supplier's open draft of its currency and of the destination, or a new one, with its dates kept: the
  /// latest expected date of all additions, and the earliest date by which something is needed.
  private func draft(_ terms: OrderTerms) throws(Refusal) -> Record {
    let className = SupplyClass.purchaseOrder
    var match: [String: Value] = ["supplier": .record(terms.supplier), "status": .string("draft")]
    if context.has(className, "currency") {
      // A supplier without a currency is asked in that which an order has by default.
      let currency = try context.text(terms.supplier, "currency").map(Value.string)
      match["currency"] = currency ?? context.schema[className]?["currency"]?.defaultValue
    }
    if context.has(className, "destination") {
      match["destination"] = terms.destination.map(Value.string) ?? .null
    } else if terms.destination != nil {
      throw Refusal(.error, "\(className) has no field destination")
    }
    let known = try context.first(className, where: match)
    var dates: [String: Value] = [:]
    if context.has(className, "expectedAt"), let expected = terms.expected {
      let present = try known.flatMap { order throws(Refusal) in
        try context.instant(order, "expectedAt")
      }
      dates["expectedAt"] = .timestamp(present.map { max($0, expected) } ?? expected)
    }
    if context.has(className, "neededBy"), let needed = terms.neededBy {
      let present = try known.flatMap { order throws(Refusal) in
        try context.instant(order, "neededBy")
      }
      dates["neededBy"] = .timestamp(present.map { min($0, needed) } ?? needed)
    }
    guard let known else {
      return try context.create(className, match.merging(dates) { matched, _ in matched })
    }
    if !dates.isEmpty { try context.set(known, dates) }
    return known
  }

  /// Adds to the line of the product, or makes it.
  ///
  /// A price that is there stays: somebody may have agreed on it.
  private func add(
    _ quantity: Int64, of product: Record, price: ExactDecimal?, to order: Record
  ) throws(Refusal) -> Record {
    let match: [String: Value] = ["order": .record(order), "product": .record(product)]
    let what = "the quantity of \(product.id)"
    let className = SupplyClass.purchaseOrderLine
    if let line = try context.first(className, where: match) {
      let total = try Quantity.sum(try context.integer(line, "quantity"), quantity, of: what)
      var fields: [String: Value] = [
        "quantity": .int(total),
        "open": .int(
          try Quantity.difference(total, try context.integer(line, "received"), of: what)),
      ]
      if try context.decimal(line, "price") == nil, let price { fields["price"] = fitted(price) }
      if context.has(className, "origins") {
        let value = try context.value(line, "origins")
        let known: [Value] = if case .list(let items) = value { items } else { [] }
        fields["origins"] = .list(known + [try origin(quantity)])
      }
      try context.set(line, fields)
      return line
    }
    var fields = match
    fields["quantity"] = .int(quantity)
    fields["open"] = .int(quantity)
    if let price { fields["price"] = fitted(price) }
    if context.has(className, "origins") { fields["origins"] = .list([try origin(quantity)]) }
    return try context.create(className, fields)
  }

  /// Returns a price with as many digits as the lines of purchase orders keep.
  private func fitted(_ price: ExactDecimal) -> Value {
    if case .decimal(let scale)? = context.schema[SupplyClass.purchaseOrderLine]?["price"]?.type,
      let rounded = price.rounded(scale: scale)
    {
      return .decimal(rounded)
    }
    return .decimal(price)
  }

  /// Says why an addition was made: the rule and its version, the change that woke it, the record, and how many.
  private func origin(_ quantity: Int64) throws(Refusal) -> Value {
    let entries: [(key: Value, value: Value)] = [
      (.string("rule"), context.rule.map(Value.string) ?? .null),
      (.string("version"), .int(context.ruleSetVersion)),
      (.string("change"), .int(context.journalRow)),
      (
        .string("record"),
        context.subject.map { .string("\($0.type.name)/\($0.id)") } ?? .null
      ),
      (.string("quantity"), .int(quantity)),
    ]
    guard let map = MapValue(entries) else {
      throw Refusal(.error, "the origin of a line could not be written down")
    }
    return .map(map)
  }

  /// Returns now and the lead time: the offer's, else the supplier's; nil where neither is known.
  private func expectedDate(_ choice: SupplierChoice) throws(Refusal) -> Timestamp? {
    var leadTime: TimeSpan?
    if let offer = choice.offer { leadTime = try context.span(offer, "leadTime") }
    if leadTime == nil { leadTime = try context.span(choice.supplier, "leadTime") }
    guard let leadTime else { return nil }
    guard let instant = context.now.adding(leadTime) else {
      throw Refusal(.error, "the lead time of \(choice.supplier.id) leads beyond the year 9999")
    }
    return instant
  }
}
