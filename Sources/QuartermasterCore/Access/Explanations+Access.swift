public import QuartermasterCEL

extension DiagnosticExplanation {
  /// The codes of permissions: of access.yaml, and of queries in somebody's name.
  public static let access: [DiagnosticExplanation] = [
    DiagnosticExplanation(
      code: "access/form", text: "A value has not the form that its key asks for.",
      wrong: "default: no", right: "default: deny"),
    DiagnosticExplanation(
      code: "access/unknown-key",
      text:
        "There is no key of this name here. Of a class one may say find, get, count, create, update, delete, "
        + "read (the first three), write (the others), hidden and read-only.",
      wrong: "Order: {reads: manager}", right: "Order: {read: manager}"),
    DiagnosticExplanation(
      code: "access/unknown-class",
      text:
        "The schema has no class of this name. `users:` says which class holds the users when it is not User.",
      wrong: "classes: {Ordr: {read: manager}}", right: "classes: {Order: {read: manager}}"),
    DiagnosticExplanation(
      code: "access/unknown-field", text: "The class has no field of this name.",
      wrong: "hidden: [cots]", right: "hidden: [cost]"),
    DiagnosticExplanation(
      code: "access/unknown-role",
      text:
        "Roles are listed under `roles:`, or are the texts that the field of the user's role allows. Besides them "
        + "there are everyone, signed-in and nobody.",
      wrong: "read: manger", right: "read: manager"),
    DiagnosticExplanation(
      code: "access/unknown-name", text: "The schema declares no verb or signal of this name.",
      wrong: "verbs: {purchse: buyer}", right: "verbs: {purchase: buyer}"),
    DiagnosticExplanation(
      code: "access/roles",
      text:
        "Roles are names, such as manager. A user has those that stand in a field of his record, a String or an Array "
        + "of String, or those that the host says.",
      wrong: "roles: {names: [everyone]}", right: "roles: {field: role, names: [manager]}"),
    DiagnosticExplanation(
      code: "access/twice", text: "The same name stands twice where once says it.",
      wrong: "hidden: [cost, cost]", right: "hidden: [cost]"),
    DiagnosticExplanation(
      code: "access/grant",
      text:
        "What is granted is granted to everyone, to whoever is signed in, to a role, to a user by id, or to the user at "
        + "the end of a path of pointers. `nobody` says that nobody is meant.",
      wrong: "delete:", right: "delete: nobody"),
    DiagnosticExplanation(
      code: "access/path",
      text:
        "`own: customer.user` makes a record that of the user at whom its pointers end. Each step is a pointer, and the "
        + "last one leads to the class of the users.",
      wrong: "read: {own: customer}", right: "read: {own: customer.user}"),
    DiagnosticExplanation(
      code: "access/field",
      text:
        "A limit that means nothing: the objectId cannot be hidden, and what the engine alone writes need not be "
        + "read-only.",
      wrong: "hidden: [objectId]", right: "find: manager"),
    DiagnosticExplanation(
      code: "access/hidden-field",
      text:
        "A query in somebody's name reads a field that is hidden from him. It is refused wherever the field stands, "
        + "also in an order, a total, or on the way through a relation: its answer would tell the value.",
      wrong: "Product.sortBy(p, p.cost)", right: "Product.sortBy(p, p.price)"),
    DiagnosticExplanation(
      code: "access/dynamic",
      text:
        "In somebody's name a field is read only where the class of its record is known, so that it is known whether "
        + "he may see it.",
      wrong: "dyn(order).?total", right: "order.total"),
  ]
}
