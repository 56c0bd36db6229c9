import Foundation
import QuartermasterCEL
import Testing

@testable import QuartermasterCore

/// The examples on the pages of `yaml/*`, `schema/*`, `settings/*` and of expressions show what they say: what is called
/// wrong gives the code, what is called right gives nothing.
@Suite struct ExplanationExampleTests {
  // MARK: YAML

  /// Pages whose example cannot be written out: half a hundred brackets, a character that nobody sees.
  private static let unwritten: Set<String> = ["yaml/depth", "yaml/character"]

  @Test(arguments: DiagnosticExplanation.yaml.map(\.code))
  func `the examples of YAML`(_ code: String) throws {
    if Self.unwritten.contains(code) { return }
    let item = try #require(DiagnosticExplanation.yaml.first { $0.code == code })
    #expect(yaml(item.wrong.replacing("\\t", with: "\t")).contains(code), "\(yaml(item.wrong))")
    if item.right != "(nothing)" { #expect(yaml(item.right).isEmpty, "\(yaml(item.right))") }
  }

  private func yaml(_ text: String) -> [String] {
    let file = SourceFile(name: "x.yaml", text: text + "\n")
    do { return try YAMLReader.read(file).warnings.map(\.code) } catch {
      return error.items.map(\.code)
    }
  }

  // MARK: Schemas

  /// What stands around an example: `@` is where it goes.
  private static let classes = """
    classes:
      User:
        email: {type: String}
        password: {type: String, secret: true}
      Supplier:
        name: {type: String}
      Bin:
        code: {type: String}
      Product:
        name: {type: String}
      Line:
        record: part
        order: {type: Order, inverse: lines}
        amount: {type: Integer, default: 0}
      Order:
        number: {type: String}
        @order
      Thing:
        record: line
        supplier: {type: Supplier}
        bin: {type: Bin}
        n: {type: Integer, default: 0}
        rate: {type: Number, default: 0}
        @thing
    """

  /// Where the example of a code belongs; a line of the class Thing unless it stands here.
  private static let places: [String: String] = [
    "schema/form": "f: {type: String, @}", "schema/unknown-key": "f: {type: String, @}",
    "schema/twice": "f: {type: String, @}", "schema/pattern": "f: {type: String, @}",
    "schema/sequence": "f: {type: String, @}",
    "schema/flow": "f: {type: String, default: pending, @}",
    "schema/unknown-status": "f: {type: String, default: pending, @}",
    "schema/unreachable-status": "f: {type: String, default: new, @}",
    "schema/endless-status": "f: {type: String, default: a, @}",
    "schema/contact": "user: {type: User}\nemail: {type: String}\nname: {type: String}\n@",
    "schema/kind": "a: {type: Integer, default: 0}\nb: {type: Integer, default: 0}\n@",
    "schema/computed-type": "a: {type: Integer, default: 0}\nb: {type: Integer, default: 0}\n@",
    "schema/keys": "product: {type: Product}\n@",
    "schema/no-classes": "whole", "schema/password": "whole",
    "schema/record-name": "class",
    "schema/unknown-class": "verb",
    "schema/declaration": "top", "schema/own-row": "order", "schema/roll-up": "order",
    "schema/unknown-relation": "order", "schema/secret": "user",
  ]

  @Test(arguments: DiagnosticExplanation.schemas.map(\.code))
  func `the examples of schemas`(_ code: String) throws {
    let item = try #require(DiagnosticExplanation.schemas.first { $0.code == code })
    let wrong = codes(ofSchema: around(item.wrong, code))
    #expect(wrong.contains(code), "\(wrong)")
    if item.right == "(nothing)" { return }
    let right = codes(ofSchema: around(item.right, code))
    #expect(right.isEmpty, "\(right)\n\(around(item.right, code))")
  }

  private func codes(ofSchema text: String) -> [String] {
    let file = SourceFile(name: "schema.yaml", text: text)
    do { return try Schema.load(file).warnings.map(\.code) } catch {
      return error.items.map(\.code)
    }
  }

  private func around(_ example: String, _ code: String) -> String {
    func indented(_ text: String, _ columns: Int) -> String {
      text.split(separator: "\n").map { String(repeating: " ", count: columns) + $0 }
        .joined(separator: "\n")
    }
    func project(order: String = "", thing: String = "", user: String = "") -> String {
      Self.classes.replacing("    @order", with: indented(order, 4))
        .replacing("    @thing", with: indented(thing, 4))
        .replacing(
          "    password:",
          with: user.isEmpty ? "    password:" : indented(user, 4) + "\n    password:")
        + "\n"
    }
    switch Self.places[code] {
    case "whole"?: return example + "\n"
    case "class"?: return project() + indented(example, 2) + "\n"
    case "verb"?: return project() + "verbs:\n  paint:\n    " + example + "\n"
    case "top"?: return project() + example + "\n"
    case "order"?: return project(order: example)
    case "user"?: return project(user: example)
    case let place?: return project(thing: place.replacing("@", with: example))
    case nil: return project(thing: example)
    }
  }

  // MARK: Settings

  private static let settingsPlaces: [String: String] = [
    "settings/group": "groups:\n  @",
    "settings/unknown-field": "inbox: {class: Notification, user: user, @}",
  ]

  @Test(
    arguments: DiagnosticExplanation.projects.map(\.code).filter { $0.hasPrefix("settings/") })
  func `the examples of settings`(_ code: String) throws {
    let item = try #require(DiagnosticExplanation.projects.first { $0.code == code })
    func text(_ example: String) -> String {
      (Self.settingsPlaces[code] ?? "@").replacing("@", with: example) + "\n"
    }
    let schema = try QuartermasterCoreTests.schema(
      """
      classes:
        User:
          role: {type: String, in: [manager, clerk], default: clerk}
        Notification:
          user: {type: User}
          message: {type: String}
        Automation:
          trigger: {type: String}
          action: {type: String}
          count: {type: Integer}
      """)
    func codes(_ text: String) -> [String] {
      let file = SourceFile(name: "quartermaster.yaml", text: text)
      do { return try ProjectSettings.load(file, schema: schema).warnings.map(\.code) } catch {
        return error.items.map(\.code)
      }
    }
    #expect(codes(text(item.wrong)).contains(code), "\(codes(text(item.wrong)))")
    #expect(codes(text(item.right)).isEmpty, "\(codes(text(item.right)))")
  }

  // MARK: Expressions

  /// Pages whose example cannot be written out.
  private static let longExpressions: Set<String> = ["cel/depth", "cel/length"]

  @Test(arguments: DiagnosticExplanation.expressions.map(\.code))
  func `the examples of expressions`(_ code: String) throws {
    if Self.longExpressions.contains(code) { return }
    let item = try #require(DiagnosticExplanation.expressions.first { $0.code == code })
    let schema = try QuartermasterCoreTests.schema(
      """
      classes:
        Customer:
          name: {type: String, required: true}
        Line:
          order: {type: Order, required: true, inverse: lines}
          quantity: {type: Integer, required: true}
        Inventory:
          threshold: {type: Integer, required: true}
        Order:
          number: {type: String, required: true}
          customer: {type: Customer}
          total: {type: Decimal, scale: 2, required: true}
      """)
    var environment = CELEnvironment.quartermaster
    environment.recordTypes = schema
    environment.forbidsShadowing = true
    for (name, type) in [
      ("order", CELType.record("Order")), ("inventory", .record("Inventory")), ("rate", .double),
      ("a", .int), ("b", .bool), ("lines", .list(.record("Line"))),
      ("record", .map(key: .string, value: .int)),
    ] {
      environment.declare(VariableDeclaration(name, type))
    }
    func codes(_ text: String) -> [String] {
      do {
        _ = try environment.check(try environment.parse(ExprSource(text)))
        return []
      } catch { return error.items.map(\.code) }
    }
    #expect(codes(item.wrong).contains(code), "\(codes(item.wrong))")
    #expect(codes(item.right).isEmpty, "\(codes(item.right))")
  }
}
