import Foundation
import QuartermasterCEL
import Testing

@testable import QuartermasterShell

/// `check --fix`: what it mends, what it leaves alone, and what it says.
@Suite struct FixTests {
  private func check(_ fixture: Fixture, _ change: (inout CheckCommand) -> Void) -> Reply {
    var command = CheckCommand()
    command.folder = fixture.folder
    command.fixes = true
    change(&command)
    return command.run(ShellContext())
  }

  private static let broken = """
    # A comment   that stays.
    - rule: mended
      trigger:
        saved: Prodcut   # the class
      when: ${product.name != "x"}
      action:
        - notfy: managers
          message: Low stock: look, it's #1
          title: product.name + "!"

    - rule: left-alone
      trigger: {saved: Product}
      when: (product.nonsense > 3)
      action:
        - set: product
          name: "x"

    """

  @Test func `what is sure is mended, and nothing else is touched`() throws {
    let fixture = try Fixture()
    try fixture.write(Self.broken, to: "rules/broken.yaml")
    let before = try String(contentsOfFile: fixture.path("rules/stock.yaml"), encoding: .utf8)
    let reply = check(fixture) { _ in }
    try expectGolden(fixture.shown(reply), "check-fix")
    let mended = try String(contentsOfFile: fixture.path("rules/broken.yaml"), encoding: .utf8)
    #expect(
      mended == """
        # A comment   that stays.
        - rule: mended
          trigger:
            saved: Product   # the class
          when: product.name != "x"
          action:
            - notify: managers
              message: 'Low stock: look, it''s #1'
              title: ${product.name + "!"}

        - rule: left-alone
          trigger: {saved: Product}
          when: (product.nonsense > 3)
          action:
            - set: product
              name: "x"

        """)
    #expect(
      try String(contentsOfFile: fixture.path("rules/stock.yaml"), encoding: .utf8) == before)
    #expect(reply.status == .failed)
  }

  @Test func `a dry run shows the difference and writes nothing`() throws {
    let fixture = try Fixture()
    try fixture.write(Self.broken, to: "rules/broken.yaml")
    try expectGolden(fixture.shown(check(fixture) { $0.isDryRun = true }), "check-fix-dry-run")
    #expect(
      try String(contentsOfFile: fixture.path("rules/broken.yaml"), encoding: .utf8) == Self.broken)
  }

  @Test func `a project without mistakes stays as it is`() throws {
    let fixture = try Fixture()
    let before = try String(contentsOfFile: fixture.path("schema.yaml"), encoding: .utf8)
    let reply = check(fixture) { _ in }
    #expect(reply.output.hasPrefix("nothing to mend by itself\nok: "))
    #expect(try String(contentsOfFile: fixture.path("schema.yaml"), encoding: .utf8) == before)
  }

  @Test func `two names that are as close are left to the person`() throws {
    let fixture = try Fixture()
    try fixture.write(
      """
      - rule: a
        follows: rule-b
        trigger: {saved: Product}
        action:
          - reject: no
      - rule: rule-c
        trigger: {saved: Product}
        action:
          - reject: no
      - rule: rule-d
        trigger: {saved: Product}
        action:
          - reject: no

      """, to: "rules/close.yaml")
    let reply = check(fixture) { _ in }
    #expect(reply.output.hasPrefix("nothing to mend by itself\n"), "\(reply.output)")
    #expect(reply.output.contains("did you mean `rule-c`?"), "\(reply.output)")
  }

  @Test func `a fix that would break the line is not made`() throws {
    let fixture = try Fixture()
    // Without the braces YAML would take the ! for a tag.
    let text = """
      - rule: a
        trigger: {saved: Product}
        when: ${!(product.name == "x")}
        action:
          - reject: no

      """
    try fixture.write(text, to: "rules/braces.yaml")
    _ = check(fixture) { _ in }
    #expect(try String(contentsOfFile: fixture.path("rules/braces.yaml"), encoding: .utf8) == text)
  }

  @Test func `options that do not go together are refused`() throws {
    let fixture = try Fixture()
    #expect(
      check(fixture) {
        $0.fixes = false
        $0.isDryRun = true
      }.status == .usage)
    #expect(check(fixture) { $0.showsGraph = true }.status == .usage)
  }

  @Test func `each fix of a bad file mends what it is for`() throws {
    var tried = 0
    for file in BadFile.all where ["rules", "yaml"].contains(file.area) {
      let text = try file.text()
      if text.utf8.count > 10_000 { continue }
      let base = BadFile.folder + "/base/"
      let fixture = try Fixture()
      try FileManager.default.removeItem(atPath: fixture.path("rules"))
      try FileManager.default.createDirectory(
        atPath: fixture.path("rules"), withIntermediateDirectories: true)
      for name in ["schema.yaml", "quartermaster.yaml"] {
        try fixture.write(String(contentsOfFile: base + name, encoding: .utf8), to: name)
      }
      try fixture.write(text, to: "rules/bad.yaml")
      let before = ProjectFindings.read(fixture.folder)
      guard before.items.contains(where: { $0.fix != nil }) else { continue }
      tried += 1
      var fixer = try ProjectFixer(fixture.folder)
      let after = fixer.run()
      #expect(after.errors <= before.errors, "\(file.testDescription): \(fixer.applied)")
      // Lines stay lines.
      for change in fixer.changed {
        #expect(
          change.before.filter(\.isNewline).count == change.after.filter(\.isNewline).count)
      }
    }
    #expect(tried > 30, "\(tried)")
  }
}
