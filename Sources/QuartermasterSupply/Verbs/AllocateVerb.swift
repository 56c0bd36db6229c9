internal import QuartermasterCEL
internal import QuartermasterCore

/// `allocate: ORDER | LINE`: reserves what is available for what is not allocated yet.
struct AllocateVerb {
  private let context: VerbContext

  init(_ context: VerbContext) { self.context = context }

  func run(_ call: VerbCall) throws(Refusal) -> Record? {
    let subject = try OrderLines(try call.requiredTarget(), context)
    if let end = try subject.end(context) {
      context.note("nothing allocated: \(try subject.number(context)) is \(end)")
      return nil
    }
    for line in subject.lines {
      let allocated = try context.integer(line, "allocated")
      let wanted = try Quantity.difference(
        try context.integer(line, "quantity"), allocated, of: "what is not allocated yet")
      if wanted <= 0 { continue }
      let product = try subject.product(of: line, context)
      let got = try Stock(of: product, context).reserve(wanted)
      if got < wanted { context.note("\(got) of \(wanted) of \(product.id) allocated") }
      if got == 0 { continue }
      let backordered = try context.integer(line, "backordered")
      try context.set(
        line,
        [
          "allocated": .int(allocated + got), "backordered": .int(max(0, backordered - got)),
        ])
    }
    return nil
  }
}
