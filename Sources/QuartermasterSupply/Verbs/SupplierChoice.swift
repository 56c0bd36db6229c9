internal import QuartermasterCEL
internal import QuartermasterCore

/// From whom a quantity of a product is bought, and on which terms.
struct SupplierChoice {
  /// The supplier.
  let supplier: Record
  /// What the supplier asks for the product; nil when it has made no offer.
  let offer: Record?

  /// Chooses a supplier for a quantity that is known: `from`; else the preferred offer whose minimum is within the
  /// quantity; else the cheapest such, ties by lead time, then id; else the product's own supplier.
  ///
  /// Offers of suppliers that are not active count only where `from` asks for them.
  init(
    for product: Record, quantity: Int64, from: Record?, _ context: VerbContext
  ) throws(Refusal) {
    let offers =
      context.has(product.type.name, "offers") ? try context.related(product, "offers") : []
    if let from {
      supplier = from
      offer = try Self.offer(of: from, among: offers, context)
      return
    }
    var within: [Offer] = []
    for record in offers {
      let offer = try Offer(record, context)
      if offer.isActive, offer.minimum <= quantity { within.append(offer) }
    }
    let preferred = within.filter(\.isPreferred)
    // The list is in key order and `min` gives the first of equals, so that ties end with the id.
    if let best = (preferred.isEmpty ? within : preferred).min(by: Offer.isBetter) {
      supplier = best.supplier
      offer = best.record
      return
    }
    guard let own = try context.pointer(product, "supplier") else {
      throw Refusal(.error, "\(product.type.name)/\(product.id) has no supplier to buy it from")
    }
    supplier = own
    offer = try Self.offer(of: own, among: offers, context)
  }

  private static func offer(
    of supplier: Record, among offers: [Record], _ context: VerbContext
  ) throws(Refusal) -> Record? {
    for offer in offers {
      if try context.pointer(offer, "supplier")?.id.utf8.elementsEqual(supplier.id.utf8) == true {
        return offer
      }
    }
    return nil
  }

  /// An offer with what the choice looks at.
  private struct Offer {
    let record: Record
    let supplier: Record
    let isActive: Bool
    let isPreferred: Bool
    let minimum: Int64
    let price: ExactDecimal?
    let leadTime: TimeSpan?

    init(_ offer: Record, _ context: VerbContext) throws(Refusal) {
      guard let supplier = try context.pointer(offer, "supplier") else {
        throw Refusal(.error, "\(offer.type.name)/\(offer.id) has no supplier")
      }
      record = offer
      self.supplier = supplier
      isActive =
        context.has(supplier.type.name, "active") ? try context.flag(supplier, "active") : true
      isPreferred = try context.flag(offer, "preferred")
      minimum = try context.integer(offer, "minimumQuantity")
      price = try context.decimal(offer, "price")
      let own = try context.span(offer, "leadTime")
      leadTime = if let own { own } else { try context.span(supplier, "leadTime") }
    }

    /// Cheaper first, then sooner; what is not known comes last.
    static func isBetter(_ a: Offer, than b: Offer) -> Bool {
      switch (a.price, b.price) {
      case (let x?, let y?) where x != y: return x < y
      case (_?, nil): return true
      case (nil, _?): return false
      default: break
      }
      switch (a.leadTime, b.leadTime) {
      case (let x?, let y?) where x != y: return x < y
      case (_?, nil): return true
      case (nil, _?): return false
      default: return false
      }
    }
  }
}
