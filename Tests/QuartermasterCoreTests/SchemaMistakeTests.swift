import QuartermasterCEL
import Testing

@testable import QuartermasterCore

/// Puts fields into a class beside others that they can refer to.
private func findings(inFields fields: String) -> [String] {
  findings(
    inSchema: """
      classes:
        Bin:
          code: {type: String, secret: true}
          size: {type: Integer, default: 1}
        Line:
          thing: {type: Thing, inverse: lines}
          n: {type: Integer, default: 0}
          note: String
        Thing:
          name: {type: String, required: true}
          bin: Bin
      \(fields.split(separator: "\n").map { "    " + $0 }.joined(separator: "\n"))
      """
  ).map { String($0.drop { $0 != " " }.dropFirst()) }
}

@Test(arguments: [
  ("a: {type: Strng}", "schema/unknown-type: there is no type `Strng`; did you mean `String`?"),
  ("a: {type: Bni}", "schema/unknown-type: there is no type `Bni`; did you mean `Bin`?"),
  ("a: {type: money}", "schema/unknown-type: there is no type `money`; did you mean `Decimal`?"),
  ("a: {typ: String}", "schema/unknown-key: a field has no `typ`; did you mean `type`?"),
  (
    "a: {type: String, requird: true}",
    "schema/unknown-key: a field has no `requird`; did you mean `required`?"
  ),
  ("a: {type: String, required: yes}", "schema/form: needs true or false"),
  ("a: [String]", "schema/kind: `a` needs a type"),
  ("a: {type: String, scale: 2}", "schema/option: `scale` is for a Decimal"),
  ("a: {type: Decimal, scale: 19}", "schema/form: needs a whole number from 0 to 18"),
  ("a: {type: Integer, of: String}", "schema/option: `of` is for an Array or an Object"),
  ("a: {type: Array, of: {x: Strin}}", "schema/unknown-type: there is no type `Strin`"),
  ("a: {type: Object, of: String}", "schema/form: the shape of an Object is a map"),
  ("a: {type: Integer, default: abc}", "schema/value: needs a whole number"),
  ("a: {type: Integer, default: 1.5}", "schema/value: needs a whole number"),
  ("a: {type: Decimal, default: 1.234}", "schema/value: needs a number with at most 2 digits"),
  ("a: {type: Date, default: yesterday}", "schema/value: needs a time such as"),
  ("a: {type: Date, default: now}", "schema/default: a default is a fixed value"),
  ("a: {type: Duration, default: 3 days}", "schema/value: needs a length of time such as 15m"),
  ("a: {type: Boolean, default: 1}", "schema/value: needs true or false"),
  ("a: {type: Number, default: 0x10}", "schema/value: needs a number"),
  ("a: {type: Bin, default: b1}", "schema/default: a pointer has no default"),
  ("a: {type: Integer, min: 5, max: 3}", "schema/value: `max` is below `min`"),
  (
    "a: {type: Integer, min: 5, default: 3}",
    "schema/default: the default breaks the field's own rules: Thing.a is out of range"
  ),
  ("a: {type: String, in: [x, y], default: z}", "schema/default: the default breaks"),
  ("a: {type: String, min: 5}", "schema/option: `min` is for a number"),
  ("a: {type: Integer, in: [1]}", "schema/option: `in` is for a String"),
  ("a: {type: String, in: []}", "schema/form: needs a list of texts"),
  ("a: {type: String, in: [x, x]}", "schema/twice: `x` is listed twice"),
  ("a: {type: String, pattern: '(a'}", "schema/pattern: "),
  ("a: {type: Integer, maxLength: 5}", "schema/option: `maxLength` is for a String"),
  ("a: {type: Array, unique: true}", "schema/option: `unique` is for a plain value"),
  ("a: {type: String, sequence: SO}", "schema/sequence: a sequence is a text with one %d"),
  ("a: {type: String, sequence: '%d', default: x}", "schema/sequence: a sequence gives the value"),
  ("a: {type: String, inverse: xs}", "schema/option: `inverse` is for a pointer"),
  ("a: {type: Bin, onDelete: drop}", "schema/form: needs restrict, clear or cascade"),
  ("a: {type: Bin, onDelete: clear, required: true}", "schema/on-delete: `a` is required"),
  ("a: {type: Bin, inverse: size}", "schema/inverse: Bin has a field `size` already"),
  (
    "a: {type: Thing, inverse: lines}",
    "schema/inverse: Thing has a relation `lines` already, from Line.thing"
  ),
  ("a: {type: String, flow: [x, y]}", "schema/flow: a flow lists statuses"),
  (
    "a: {type: String, flow: {x: [z], y: []}}",
    "schema/unknown-status: `z` is not a status of this flow (x, y)"
  ),
  ("a: {type: String, flow: {open: [opne], done: []}}", "did you mean `open`?"),
  ("a: {type: String, in: [x], flow: {x: []}}", "schema/flow: the flow says which"),
  ("a: {type: String, default: z, flow: {x: []}}", "\"z\" is not a status of Thing (x)"),
  ("a: {sum: lines.n, default: 3}", "schema/option: `default` is for stored fields"),
  ("a: {sum: lines.n, type: Integer}", "schema/kind: a field has one of type"),
  ("a: {sum: lines}", "schema/roll-up: `sum` names a relation and a field"),
  ("a: {count: lines.n}", "schema/roll-up: `count` names a relation"),
  (
    "a: {sum: linse.n}",
    "schema/unknown-relation: Thing has no relation `linse`; did you mean `lines`?"
  ),
  ("a: {sum: lines.m}", "schema/unknown-field: Line has no field `m`"),
  ("a: {sum: lines.note}", "schema/roll-up: `sum` adds numbers; `note` is a String"),
  (
    "a: {sum: lines.n, where: line.thing.name == 'x'}",
    "schema/own-row: `where` looks only at the child's own row"
  ),
  (
    "a: {computed: thing.bin.size}",
    "schema/own-row: a computed field looks only at its own row: `thing.bin` is another record"
  ),
  (
    "a: {computed: thing.lines.size()}",
    "schema/own-row: a computed field looks only at its own row: `thing.lines` are other records"
  ),
  (
    "a: {computed: 'Bin.size()'}",
    "schema/own-row: a computed field looks only at its own row: `Bin` is a query"
  ),
  ("a: {computed: 'Bin.exists(b, b.size > 1)'}", "`Bin` is a query"),
  ("a: {computed: thing == null}", "schema/own-row: a computed field reads fields"),
  (
    "a: {computed: thing.a}",
    "schema/ring: these fields are made from each other: Thing.a -> Thing.a; take one step out"
  ),
  (
    "a: {computed: thing.b}\nb: {computed: thing.a}",
    "schema/ring: these fields are made from each other: Thing.a -> Thing.b -> Thing.a; take one step out"
  ),
  ("objectid: String", "schema/name: every class has `objectId` already"),
  ("_last: String", "schema/name: `_last` cannot be used"),
  ("no-dash: String", "schema/name: `no-dash` cannot name a field"),
  ("Name: String", "schema/name: two fields are called `Name`"),
  ("index: [name, bin]", "schema/keys: write `index: [[a, b]]`"),
  ("index: [[nam]]", "schema/unknown-field: Thing has no field `nam`; did you mean `name`?"),
  ("unique: [[name, name]]", "schema/keys: `name` stands twice"),
  ("index: [[name], [name]]", "schema/keys: this list stands twice"),
  ("c: {count: lines}\nunique: [[c]]", "schema/keys: `c` cannot stand under `unique`"),
  ("contact: {user: name}", "schema/contact: `name` is not a pointer"),
  ("contact: {mail: name}", "schema/unknown-key: contact has no `mail`"),
  ("record: Thing2", "schema/record-name: `Thing2` cannot be what a record is called"),
  ("record: now", "schema/record-name: a record of Thing would be called `now`"),
  ("record: bin", "schema/record-name: records of Thing and of Bin would both be called `bin`"),
])
func `a mistake in a field has its message`(_ fields: String, _ expected: String) {
  let found = findings(inFields: fields)
  #expect(found.contains { $0.hasPrefix("error ") && $0.contains(expected) }, "\(found)")
}

@Test(arguments: [
  ("", "schema/no-classes"),
  ("classes: {}", "schema/no-classes"),
  ("clases: {}", "schema/unknown-key: a schema has no `clases`; did you mean `classes`?"),
  ("classes: [A]", "schema/form: classes is a map"),
  ("classes: {_A: {}}", "schema/name: `_A` cannot be used"),
  ("classes: {sqlite_a: {}}", "schema/name: `sqlite_a` cannot be used"),
  ("classes: {a-b: {}}", "schema/name: `a-b` cannot name a class"),
  ("classes: {order: {}}", "schema/name: a class starts with a capital letter"),
  ("classes: {Message: {}}", "schema/name: `Message` is a name of the language"),
  ("classes: {String: {}}", "schema/name: `String` is a name of the language"),
  ("classes: {Order: {}, ORDER: {}}", "schema/name: two classes are called `ORDER`"),
  ("classes: {Signal: {}}", "schema/record-name: a record of Signal would be called `signal`"),
  ("classes: {Package: {}}", "as in `record: thePackage`"),
  ("classes: {Math: {}}", "schema/record-name: a record of Math would be called `math`"),
  ("classes: {A: {}}\nsignals: {b: {x: C}}", "schema/unknown-type: there is no type `C`"),
  ("classes: {A: {}}\nsignals: {b c: {}}", "schema/name: `b c` cannot name a signal"),
  ("classes: {A: {}}\nverbs: {set: {}}", "schema/declaration: `set` is a word"),
  ("classes: {A: {}}\nverbs: {v: {target: B}}", "schema/unknown-class: there is no class `B`"),
  (
    "classes: {A: {}}\nverbs: {v: {arguments: {when: Date}}}", "schema/declaration: `when` is a key"
  ),
  (
    "classes: {A: {}}\nverbs: {v: {directions: {A.x: up}}}",
    "schema/unknown-field: A has no field `x`"
  ),
  (
    "classes: {A: {x: Integer}}\nverbs: {v: {directions: {A.x: sideways}}}",
    "needs up, down or same"
  ),
  ("classes: {A: {}}\nfunctions: {size: {result: Integer}}", "schema/declaration: `size` exists"),
  ("classes: {A: {}}\nfunctions: {f: {}}", "schema/declaration: `f` needs a result"),
])
func `a mistake in a schema has its message`(_ text: String, _ expected: String) {
  let found = findings(inSchema: text)
  #expect(found.contains { $0.contains("error ") && $0.contains(expected) }, "\(found)")
}

@Test func `dead states of a flow are warnings`() {
  let found = findings(
    inSchema: """
      classes:
        Order:
          status:
            type: String
            default: new
            flow:
              new: [open]
              open: [waiting, done]
              waiting: [stuck]
              stuck: [waiting]
              lost: [done]
              done: []
      """)
  #expect(
    found == [
      "9:9 warning schema/endless-status: from `waiting` no end is reached; an end is a status written with []",
      "10:9 warning schema/endless-status: from `stuck` no end is reached; an end is a status written with []",
      "11:9 warning schema/unreachable-status: no move leads to `lost`, and it is not the default; add a move to it, or delete it",
    ])
}

@Test func `roll-ups of roll-ups are allowed, a ring is not`() throws {
  let chain = """
    classes:
      Region:
        total: {sum: shops.total}
      Shop:
        region: {type: Region, inverse: shops}
        total: {sum: sales.amount}
      Sale:
        shop: {type: Shop, inverse: sales}
        amount: {type: Decimal, scale: 3, default: 0}
    """
  #expect(try schema(chain).field("Region.total").type == .decimal(scale: 3))
  let ring = """
    classes:
      Part:
        whole: {type: Part, inverse: parts}
        weight: {sum: parts.weight}
    """
  #expect(
    findings(inSchema: ring) == [
      "4:5 error schema/ring: these fields are made from each other: Part.weight -> Part.weight; take one step out"
    ])
}

@Test func `broken schemas never crash the loader`() {
  let seed = """
    classes:
      Bin:
        code: {type: String, required: true, unique: true, in: [a, b], default: a}
        load: {sum: things.weight, where: thing.n > 0}
        heavy: {computed: bin.load > 1.5}
        index: [[code, load]]
        contact: {user: owner, email: code}
        owner: Thing
      Thing:
        bin: {type: Bin, inverse: things, onDelete: clear}
        n: {type: Integer, min: 1, max: 5, default: 2}
        weight: {type: Decimal, scale: 3, default: 0}
        twice: {computed: 'round(thing.weight * 2, 1)'}
        state: {type: String, flow: {a: [b], b: []}, default: a}
        no: {type: String, sequence: 'T-%05d', pattern: '^T'}
        tags: {type: Array, of: {x: Date, y: Bin}}
    signals: {go: {bin: Bin}}
    verbs: {v: {target: Thing, arguments: {a: Integer}, result: Bin, directions: {Thing.n: up}}}
    functions: {f: {arguments: {a: Number}, result: Duration}}
    """
  #expect(findings(inSchema: seed).isEmpty)
  // Words and marks change places, and bytes get lost.
  var pieces: [String] = []
  for character in seed {
    if character.isLetter || character.isNumber, let last = pieces.last?.last,
      last.isLetter || last.isNumber
    {
      pieces[pieces.count - 1].append(character)
    } else {
      pieces.append(String(character))
    }
  }
  var state: UInt64 = 3
  func random(_ limit: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) % limit
  }
  var loaded = 0
  for _ in 0..<1500 {
    var broken = pieces
    for _ in 0..<(1 + random(3)) {
      let words = broken.indices.filter { broken[$0].first?.isLetter == true }
      let place = random(4) == 0 ? random(broken.count) : words[random(words.count)]
      switch random(4) {
      case 0: broken.remove(at: place)
      case 1: broken.insert(pieces[random(pieces.count)], at: place)
      default: broken[place] = pieces[words[random(words.count)] % pieces.count]
      }
    }
    let file = SourceFile(name: "schema.yaml", text: broken.joined())
    do {
      _ = try Schema.load(file)
      loaded += 1
    } catch {
      for item in error.items { #expect(item.span.range.upperBound <= file.bytes.count) }
    }
  }
  #expect(loaded > 0 && loaded < 1500)
}
