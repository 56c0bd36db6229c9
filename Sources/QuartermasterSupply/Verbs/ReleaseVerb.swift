internal import QuartermasterCEL
internal import QuartermasterCore

/// `release: ORDER | LINE`: gives back what is reserved and not shipped; nothing is backordered any more.
struct ReleaseVerb {
  private let context: VerbContext

  init(_ context: VerbContext) { self.context = context }

  func run(_ call: VerbCall) throws(Refusal) -> Record? {
    let subject = try OrderLines(try call.requiredTarget(), context)
    for line in subject.lines {
      let shipped = try context.integer(line, "shipped")
      let held = max(0, try context.integer(line, "allocated") - shipped)
      if held > 0 {
        let product = try subject.product(of: line, context)
        let given = try Stock(of: product, context).unreserve(held)
        if given < held {
          context.note("\(product.id): \(held) were to be released, \(given) were reserved")
        }
      }
      var fields: [String: Value] = ["backordered": .int(0)]
      if held > 0 { fields["allocated"] = .int(shipped) }
      try context.set(line, fields)
    }
    return nil
  }
}
