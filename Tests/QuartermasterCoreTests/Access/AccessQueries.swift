@testable import QuartermasterCore

/// Makes queries over the classes of a model, and notes which fields they touch.
struct AccessQueries {
  let model: AccessModel
  var random: SeededNumbers
  /// The fields that the last query reads, as `Class.field`.
  private(set) var touched: Set<String> = []
  private var names = 0

  init(_ model: AccessModel, seed: UInt64) {
    self.model = model
    random = SeededNumbers(seed: seed)
  }

  private mutating func variable() -> String {
    names += 1
    return "x\(names)"
  }

  private mutating func anyClass() -> AccessModel.Class { random.pick(model.classes) }

  private mutating func field(_ v: String, _ item: AccessModel.Class, _ name: String) -> String {
    touched.insert("\(item.name).\(name)")
    return "\(v).\(name)"
  }

  private mutating func fields(_ item: AccessModel.Class, _ wanted: (AccessModel.Kind) -> Bool)
    -> [String]
  {
    item.fields.filter { wanted($0.kind) }.map(\.name)
  }

  private func pointers(_ item: AccessModel.Class) -> [(name: String, target: String)] {
    item.fields.compactMap { field in
      if case .pointer(let target, _) = field.kind { return (field.name, target) }
      return nil
    }
  }

  /// The relations back: their name, the class that points, and its pointer.
  private func relations(_ item: AccessModel.Class)
    -> [(name: String, source: String, pointer: String)]
  {
    model.classes.flatMap { source in
      source.fields.compactMap { field in
        guard case .pointer(item.name, let inverse) = field.kind else { return nil }
        return (inverse, source.name, field.name)
      }
    }
  }

  private mutating func id(_ item: AccessModel.Class) -> String {
    item.name == "User"
      ? random.pick(AccessModel.users) : "\(item.name.lowercased())\(random.below(9))"
  }

  private mutating func condition(_ v: String, _ item: AccessModel.Class, _ depth: Int) -> String {
    if depth > 0, random.chance(45) {
      let a = condition(v, item, depth - 1)
      switch random.below(5) {
      case 0..<2: return "(\(a) && \(condition(v, item, depth - 1)))"
      case 2..<4: return "(\(a) || \(condition(v, item, depth - 1)))"
      default: return "!(\(a))"
      }
    }
    let (pointers, relations) = (pointers(item), relations(item))
    switch random.below(11) {
    case 0..<2: return plain(v, item)
    case 2 where !pointers.isEmpty:
      let pointer = random.pick(pointers)
      let path = field(v, item, pointer.name)
      return "(\(path) != null && \(plain(path, model[pointer.target])))"
    case 3 where !pointers.isEmpty:
      return "\(field(v, item, random.pick(pointers).name)) \(random.pick(["==", "!="])) null"
    case 4 where !pointers.isEmpty:
      let pointer = random.pick(pointers)
      let target = model[pointer.target]
      return "\(field(v, item, pointer.name)) == \(target.name)[\"\(id(target))\"]"
    case 5 where !relations.isEmpty && depth > 0:
      let relation = random.pick(relations)
      touched.insert("\(relation.source).\(relation.pointer)")
      let x = variable()
      let body = condition(x, model[relation.source], depth - 1)
      return "\(v).\(relation.name).\(random.pick(["exists", "all", "exists_one"]))(\(x), \(body))"
    case 6 where !relations.isEmpty:
      let relation = random.pick(relations)
      touched.insert("\(relation.source).\(relation.pointer)")
      return random.pick([
        "\(v).\(relation.name).size() \(random.pick([">", "=="])) \(random.below(3))",
        "has(\(v).\(relation.name))",
      ])
    case 7 where depth > 0:
      let other = anyClass()
      let x = variable()
      return "\(other.name).exists(\(x), \(condition(x, other, depth - 1)))"
    case 8: return "has(\(field(v, item, random.pick(item.fields).name)))"
    case 9 where !pointers.isEmpty:
      // Not guarded: an error where it is null.
      let pointer = random.pick(pointers)
      return plain(field(v, item, pointer.name), model[pointer.target])
    default: return plain(v, item)
    }
  }

  private mutating func plain(_ v: String, _ item: AccessModel.Class) -> String {
    let chosen = random.pick(item.fields)
    let text = field(v, item, chosen.name)
    switch chosen.kind {
    case .integer, .computed: return "\(text) \(random.pick(["<", ">=", "=="])) \(random.below(5))"
    case .number: return "\(text) == \(random.below(5))"
    case .text: return "\(text) == \"\(random.pick(["a", "b", "c'd"]))\""
    case .money: return "(\(text) != null && \(text) > \(random.below(4)).5)"
    case .flag: return "\(text) == true"
    case .pointer: return "\(text) != null"
    }
  }

  /// Returns the next query.
  mutating func query() -> String {
    touched = []
    let item = anyClass()
    var text = item.name
    if random.chance(10) {
      let found = "\(item.name)[\"\(id(item))\"]"
      return random.chance(40) ? found : field(found, item, random.pick(item.fields).name)
    }
    for _ in 0..<random.below(3) {
      let x = variable()
      text += ".filter(\(x), \(condition(x, item, 2)))"
    }
    let x = variable()
    if random.chance(25) { text += ".sortBy(\(x), \(sortKey(x, item)))" }
    switch random.below(9) {
    case 0: return text + ".size()"
    case 1: return text + ".exists(\(x), \(condition(x, item, 2)))"
    case 2: return text + ".first()"
    case 3:
      let numbers = fields(item) { if case .integer = $0 { true } else { false } }
      guard let number = numbers.first else { return text }
      return text + ".map(\(x), \(field(x, item, number))).\(random.pick(["sum", "min", "max"]))()"
    case 4..<7: return text + ".map(\(x), \(field(x, item, random.pick(item.fields).name)))"
    default: return text
    }
  }

  private mutating func sortKey(_ x: String, _ item: AccessModel.Class) -> String {
    let keys = fields(item) { kind in
      switch kind {
      case .integer, .text, .flag: true
      default: false
      }
    }
    return keys.isEmpty ? "\(x).objectId" : field(x, item, random.pick(keys))
  }
}
