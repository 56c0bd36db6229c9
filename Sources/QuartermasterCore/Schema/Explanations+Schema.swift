public import QuartermasterCEL

extension DiagnosticExplanation {
  /// The codes of schemas.
  public static let schemas: [DiagnosticExplanation] =
    forms("schema", ("required: yes", "required: true"), ("requird: true", "required: true"))
    + names + types + relations
    + derived + declarations

  private static func forms(
    _ area: String, _ form: (wrong: String, right: String), _ key: (wrong: String, right: String)
  ) -> [DiagnosticExplanation] {
    [
      DiagnosticExplanation(
        code: "\(area)/form", text: "A value has not the form that its key asks for.",
        wrong: form.wrong, right: form.right),
      DiagnosticExplanation(
        code: "\(area)/unknown-key", text: "There is no key of this name here.",
        wrong: key.wrong, right: key.right),
    ]
  }

  private static let names: [DiagnosticExplanation] = [
    DiagnosticExplanation(
      code: "schema/no-classes", text: "A schema without classes describes nothing.",
      wrong: "domain: supply", right: "classes: {Product: {name: {type: String}}}"),
    DiagnosticExplanation(
      code: "schema/name",
      text:
        "Names of classes and fields are names of tables and columns, and of things in formulas: letters, digits "
        + "and underscores, a letter first, classes with a capital. Upper and lower case alone do not tell two "
        + "names apart. objectId, createdAt and updatedAt are there in every class.",
      wrong: "unit price: {type: Decimal}", right: "unitPrice: {type: Decimal}"),
    DiagnosticExplanation(
      code: "schema/acl",
      text:
        "The field ACL holds who may read and write a record itself. A class has it when it says `acl: true`; "
        + "no field of another kind may have this name.",
      wrong: "ACL: {type: Object}", right: "acl: true"),
    DiagnosticExplanation(
      code: "schema/record-name",
      text:
        "In rules a record is called like its class with a small first letter. That name is a word of the "
        + "language, or taken; `record:` gives another.",
      wrong: "Package: {weight: {type: Number}}",
      right: "Package: {record: parcel, weight: {type: Number}}"),
    DiagnosticExplanation(
      code: "schema/twice", text: "A list names something twice.", wrong: "in: [a, a]",
      right: "in: [a, b]"),
  ]

  private static let types: [DiagnosticExplanation] = [
    DiagnosticExplanation(
      code: "schema/kind",
      text:
        "A field is stored (it has a `type`), computed from its row (`computed`), or rolled up from other records "
        + "(`sum`, `count`): one of these.",
      wrong: "total: {type: Integer, computed: line.a + line.b}",
      right: "total: {computed: line.a + line.b}"),
    DiagnosticExplanation(
      code: "schema/unknown-type",
      text: "A type is one of the built-in ones or a class of the schema.",
      wrong: "price: {type: Money}", right: "price: {type: Decimal, scale: 2}"),
    DiagnosticExplanation(
      code: "schema/option", text: "This option belongs to fields of another type or kind.",
      wrong: "name: {type: String, scale: 2}", right: "price: {type: Decimal, scale: 2}"),
    DiagnosticExplanation(
      code: "schema/value", text: "A default, a minimum or a maximum is not of the field's type.",
      wrong: "quantity: {type: Integer, default: many}",
      right: "quantity: {type: Integer, default: 10}"),
    DiagnosticExplanation(
      code: "schema/default",
      text:
        "A default is a fixed value that fits the field's own rules. What depends on other records or on the "
        + "time is set by a before rule.",
      wrong: "kind: {type: String, in: [a, b], default: c}",
      right: "kind: {type: String, in: [a, b], default: a}"),
    DiagnosticExplanation(
      code: "schema/pattern",
      text:
        "A pattern is a regular expression that is matched in linear time; it has no back references.",
      wrong: "pattern: '(a'", right: "pattern: '(a)'"),
    DiagnosticExplanation(
      code: "schema/sequence",
      text: "A sequence gives each new record the next number, put where %d stands.",
      wrong: "sequence: SO", right: "sequence: \"SO-%05d\""),
    DiagnosticExplanation(
      code: "schema/flow",
      text: "A flow lists all statuses and where each may go; an end is written with [].",
      wrong: "flow: [pending, paid]", right: "flow: {pending: [paid], paid: []}"),
    DiagnosticExplanation(
      code: "schema/unknown-status", text: "A move leads to a status that the flow does not list.",
      wrong: "flow: {pending: [payed], paid: []}", right: "flow: {pending: [paid], paid: []}"),
    DiagnosticExplanation(
      code: "schema/unreachable-status",
      text:
        "No move leads to this status and it is not the default, so only a new record can have it.",
      wrong: "flow: {new: [], lost: []}", right: "flow: {new: [lost], lost: []}"),
    DiagnosticExplanation(
      code: "schema/endless-status",
      text: "From this status no move leads to an end, so a record that has it is never done.",
      wrong: "flow: {a: [b], b: [a]}", right: "flow: {a: [b], b: [a, done], done: []}"),
  ]

  private static let relations: [DiagnosticExplanation] = [
    DiagnosticExplanation(
      code: "schema/inverse",
      text:
        "The relation back has a name on the target's class, which nothing else may have there.",
      wrong: "product: {type: Product, inverse: name}",
      right: "product: {type: Product, inverse: inventory}"),
    DiagnosticExplanation(
      code: "schema/on-delete",
      text: "A required pointer cannot be cleared when its target is deleted.",
      wrong: "product: {type: Product, required: true, onDelete: clear}",
      right: "product: {type: Product, required: true, onDelete: cascade}"),
    DiagnosticExplanation(
      code: "schema/keys",
      text:
        "`index` and `unique` take lists of lists of stored fields: each inner list is one key.",
      wrong: "unique: [product, bin]", right: "unique: [[product, bin]]"),
    DiagnosticExplanation(
      code: "schema/contact",
      text: "A contact names a pointer to a user and a text with an address.",
      wrong: "contact: {user: name}", right: "contact: {user: user, email: email}"),
    DiagnosticExplanation(
      code: "schema/unknown-class", text: "There is no class of this name.",
      wrong: "target: Prodct", right: "target: Product"),
    DiagnosticExplanation(
      code: "schema/unknown-field", text: "The class has no field of this name.",
      wrong: "index: [[suplier]]", right: "index: [[supplier]]"),
  ]

  private static let derived: [DiagnosticExplanation] = [
    DiagnosticExplanation(
      code: "schema/own-row",
      text:
        "A computed field and the `where` of a roll-up are functions of one row: they follow no pointer and ask no "
        + "question of other records. Totals over other records are roll-ups.",
      wrong: "total: {computed: \"order.lines.map(l, l.amount).sum()\"}",
      right: "total: {sum: lines.amount}"),
    DiagnosticExplanation(
      code: "schema/secret", text: "A secret is never shown, so nothing is made from it.",
      wrong: "hint: {computed: user.password + \"\"}", right: "(nothing)"),
    DiagnosticExplanation(
      code: "schema/password",
      text:
        "`User.password` is what people log in with. Marked `secret: true`, it is never shown, no expression reads it, and "
        + "only a hash of it is kept, whoever writes it. It has no default, number or status, and is not unique: these "
        + "would give several people the same password, or tell what it is. Docs/accounts.md says more.",
      wrong: "classes: {User: {username: String, password: String}}",
      right: "classes: {User: {username: String, password: {type: String, secret: true}}}"),
    DiagnosticExplanation(
      code: "schema/ring", text: "Fields are made from each other, so that none can be first.",
      wrong: "a: {computed: line.b}\nb: {computed: line.a}", right: "a: {computed: line.n}"),
    DiagnosticExplanation(
      code: "schema/computed-type",
      text: "A computed field is a column: a number, a text, true or false, a time or a span.",
      wrong: "both: {computed: \"[line.a, line.b]\"}", right: "both: {computed: line.a + line.b}"),
    DiagnosticExplanation(
      code: "schema/scale",
      text: "A decimal is stored with a fixed number of digits, at most 18, which must be known.",
      wrong: "price: {computed: decimal(line.rate)}",
      right: "price: {computed: \"round(decimal(line.rate), 2)\"}"),
    DiagnosticExplanation(
      code: "schema/roll-up",
      text:
        "`sum` names a relation and a number of its records, `count` a relation; `where` is true or false.",
      wrong: "total: {sum: lines}", right: "total: {sum: lines.amount}"),
    DiagnosticExplanation(
      code: "schema/unknown-relation",
      text: "A relation exists where a pointer to the class says `inverse:`.",
      wrong: "total: {sum: linse.amount}", right: "total: {sum: lines.amount}"),
  ]

  private static let declarations: [DiagnosticExplanation] = [
    DiagnosticExplanation(
      code: "schema/declaration",
      text:
        "A verb, a function or an argument of the host has a name that the language uses itself.",
      wrong: "verbs: {set: {}}", right: "verbs: {restock: {}}")
  ]

  /// The codes of quartermaster.yaml and of project folders.
  public static let projects: [DiagnosticExplanation] =
    forms("settings", ("limits: many", "limits: {rounds: 16}"), ("zon: UTC", "zone: UTC")) + [
      DiagnosticExplanation(
        code: "settings/zone", text: "A time zone has a name of the IANA list, or an offset.",
        wrong: "zone: Paris", right: "zone: Europe/Paris"),
      DiagnosticExplanation(
        code: "settings/name",
        text: "Groups and channels have names of letters, digits and dashes.",
        wrong: "groups: {the managers: boss@example.com}",
        right: "groups: {managers: boss@example.com}"),
      DiagnosticExplanation(
        code: "settings/group",
        text: "A group is a query that gives records, an address, or a list of addresses.",
        wrong: "managers: User.size()", right: "managers: 'User.filter(u, u.role == \"manager\")'"),
      DiagnosticExplanation(
        code: "settings/channel",
        text:
          "A channel has a kind and what the kind needs; `default` names channels that are declared, `inbox` or `log`.",
        wrong: "channels: {desk: {url: \"https://example.com\"}}",
        right: "channels: {desk: {kind: webhook, url: \"https://example.com\"}}"),
      DiagnosticExplanation(
        code: "settings/secret",
        text:
          "Secrets are read from the environment when messages are delivered, so that the file can be shown.",
        wrong: "channels: {desk: {kind: webhook, url: \"https://example.com\", secret: hunter2}}",
        right:
          "channels: {desk: {kind: webhook, url: \"https://example.com\", secretFrom: DESK_SECRET}}"
      ),
      DiagnosticExplanation(
        code: "settings/inbox",
        text:
          "The inbox names a class and the fields that a message sets; all other required fields of the class "
          + "need a default.",
        wrong: "inbox: {class: Notification}",
        right: "inbox: {class: Notification, user: user, text: message}"),
      DiagnosticExplanation(
        code: "settings/automations",
        text:
          "Records that are rules are of one class; a String field holds the trigger, another one the action. The other "
          + "parts of a rule are the fields of their names, where the class has them.",
        wrong: "automations: {class: Automation, trigger: count}",
        right: "automations: {class: Automation, trigger: trigger, action: action}"),
      DiagnosticExplanation(
        code: "settings/unknown-class", text: "The schema has no class of this name.",
        wrong: "inbox: {class: Notificaton, user: user, text: message}",
        right: "inbox: {class: Notification, user: user, text: message}"),
      DiagnosticExplanation(
        code: "settings/unknown-field", text: "The class has no field of this name.",
        wrong: "text: mesage", right: "text: message"),
      DiagnosticExplanation(
        code: "project/no-schema", text: "A project folder has a schema.yaml.",
        wrong: "(an empty folder)", right: "quartermaster new DIR"),
      DiagnosticExplanation(
        code: "project/unreadable",
        text: "A file of the project cannot be opened, or is not UTF-8.",
        wrong: "(a file in UTF-16)", right: "(the same file in UTF-8)"),
      DiagnosticExplanation(
        code: "project/template",
        text:
          "`extends:` in quartermaster.yaml names a template that the project builds on; there is none of this name.",
        wrong: "extends: suply", right: "extends: supply"),
      DiagnosticExplanation(
        code: "project/rules-off",
        text:
          "`rules: off:` lists rules of the template that the project does without. It needs a template, and rules that "
          + "the template has.",
        wrong: "extends: supply\nrules: {off: [nightly-reordr]}",
        right: "extends: supply\nrules: {off: [nightly-reorder]}"),
      DiagnosticExplanation(
        code: "project/rule-of-template",
        text:
          "The template has a rule of this name. Names are unique, and a rule is not replaced by accident: what is "
          + "replaced is listed in quartermaster.yaml.",
        wrong: "extends: supply      # and `- rule: nightly-reorder` in rules/mine.yaml",
        right: "extends: supply\nrules: {off: [nightly-reorder]}"),
      DiagnosticExplanation(
        code: "project/ending", text: "Rule files end with .yaml; others are not read.",
        wrong: "rules/stock.yml", right: "rules/stock.yaml"),
    ]
}
