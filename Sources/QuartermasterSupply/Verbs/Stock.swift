internal import QuartermasterCEL
internal import QuartermasterCore

/// The stock of a product: its records of ``SupplyClass/inventory`` in key order, which is the order of the bins.
struct Stock {
  private let context: VerbContext
  private let product: Record
  private let bins: [Record]

  init(of product: Record, _ context: VerbContext) throws(Refusal) {
    self.context = context
    self.product = product
    bins = try context.related(product, "inventory")
  }

  /// Reserves what is available, in the order of the bins, and never more.
  ///
  /// - Returns: How much was reserved.
  func reserve(_ wanted: Int64) throws(Refusal) -> Int64 {
    var left = wanted
    for bin in bins where left > 0 {
      let reserved = try context.integer(bin, "reserved")
      let free = try Quantity.difference(
        try context.integer(bin, "quantity"), reserved, of: "what is available of \(product.id)")
      let take = min(left, free)
      if take <= 0 { continue }
      try context.set(bin, ["reserved": .int(reserved + take)])
      left -= take
    }
    return wanted - left
  }

  /// Gives reservations back: first where a count left more reserved than there is, then from the last bin on.
  ///
  /// - Returns: How much was given back; less than wanted where somebody else lowered the reservations.
  func unreserve(_ wanted: Int64) throws(Refusal) -> Int64 {
    var left = wanted
    for bin in bins where left > 0 {
      let reserved = try context.integer(bin, "reserved")
      let present = max(0, try context.integer(bin, "quantity"))
      let give = min(left, max(0, reserved - present))
      if give > 0 {
        try context.set(bin, ["reserved": .int(reserved - give)])
        left -= give
      }
    }
    for bin in bins.reversed() where left > 0 {
      let reserved = try context.integer(bin, "reserved")
      let give = min(left, reserved)
      if give > 0 {
        try context.set(bin, ["reserved": .int(reserved - give)])
        left -= give
      }
    }
    return wanted - left
  }

  /// Takes reserved goods out, in the order of the bins, and never more than there is.
  ///
  /// - Returns: How much was taken.
  func takeReserved(_ wanted: Int64, reason: String) throws(Refusal) -> Int64 {
    var left = wanted
    for bin in bins where left > 0 {
      let reserved = try context.integer(bin, "reserved")
      let quantity = try context.integer(bin, "quantity")
      let take = min(left, reserved, quantity)
      if take <= 0 { continue }
      try context.set(bin, ["quantity": .int(quantity - take), "reserved": .int(reserved - take)])
      try note(-take, in: bin, kind: "shipment", reason: reason)
      left -= take
    }
    return wanted - left
  }

  /// Puts goods into a bin: the one that is named, else the product's first, else a new one without a place.
  func put(_ quantity: Int64, into named: Record?, reason: String) throws(Refusal) {
    let bin: Record
    if let named {
      guard let held = try context.pointer(named, "product"),
        held.id.utf8.elementsEqual(product.id.utf8)
      else {
        throw Refusal(
          .error,
          "\(named.type.name)/\(named.id) does not hold \(product.id); name a place that does")
      }
      bin = named
    } else if let first = bins.first {
      bin = first
    } else {
      bin = try context.create(SupplyClass.inventory, ["product": .record(product)])
    }
    let total = try Quantity.sum(
      try context.integer(bin, "quantity"), quantity, of: "the stock of \(product.id)")
    try context.set(bin, ["quantity": .int(total)])
    try note(quantity, in: bin, kind: "receipt", reason: reason)
  }

  /// Writes a movement down, where the schema keeps them.
  private func note(_ quantity: Int64, in bin: Record, kind: String, reason: String) throws(Refusal)
  {
    guard context.schema[SupplyClass.stockMovement] != nil else { return }
    try context.create(
      SupplyClass.stockMovement,
      [
        "inventory": .record(bin), "kind": .string(kind), "quantity": .int(quantity),
        "reason": .string(reason),
      ])
  }
}
