public import QuartermasterCore

extension VerbRegistry {
  /// The verbs of the supply domain: purchase, receive, allocate, release and ship.
  ///
  /// They read and write records by the names of classes and fields of the supply template; a schema that leaves
  /// classes or fields out which the manual calls optional does without what they are for. The engine knows none of
  /// them: they stand on the interface that a host's own verbs stand on.
  public static var supply: VerbRegistry {
    var verbs = VerbRegistry()
    verbs.registerSupplyVerbs()
    return verbs
  }

  /// Adds the verbs of the supply domain to those that a host has.
  public mutating func registerSupplyVerbs() {
    register("purchase") { call, context in try PurchaseVerb(context).run(call) }
    register("receive") { call, context in try ReceiveVerb(context).run(call) }
    register("allocate") { call, context in try AllocateVerb(context).run(call) }
    register("release") { call, context in try ReleaseVerb(context).run(call) }
    register("ship") { call, context in try ShipVerb(context).run(call) }
  }
}
