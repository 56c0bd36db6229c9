import Foundation
import Testing

@testable import QuartermasterShell

/// backup, restore and doctor as an operator sees them.
struct CareTests {
  private var context: ShellContext {
    var context = ShellContext()
    context.width = 100
    return context
  }

  private func backup(_ fixture: Fixture, _ name: String, force: Bool = false) -> Reply {
    var command = BackupCommand(fixture.path(name))
    command.folder = fixture.folder
    command.overwrites = force
    return command.run(context)
  }

  private func shown(_ reply: Reply, _ fixture: Fixture) -> String {
    fixture.shown(reply).replacing(/[0-9,]+ bytes/, with: "N bytes")
      .replacing(/"bytes":[0-9]+/, with: "\"bytes\":N")
      .replacing(/replaced-[0-9TZ]+(-[0-9]+)?/, with: "replaced-INSTANT")
  }

  @Test func `a backup is made, kept from being overwritten, and restored`() throws {
    let fixture = try Fixture()
    var text = "> backup, without a data file\n" + shown(backup(fixture, "copy.sqlite"), fixture)
    fixture.applyDay()
    text += "> backup\n" + shown(backup(fixture, "copy.sqlite"), fixture)
    text += "> backup\n" + shown(backup(fixture, "copy.sqlite"), fixture)
    text += "> backup --force\n" + shown(backup(fixture, "copy.sqlite", force: true), fixture)
    var command = RestoreCommand(fixture.path("copy.sqlite"))
    command.folder = fixture.folder
    text += "> restore\n" + shown(command.run(context), fixture)
    command.format = .json
    text += "> restore --format json\n" + shown(command.run(context), fixture)
    command.path = fixture.path("schema.yaml")
    text += "> restore schema.yaml\n" + shown(command.run(context), fixture)
    try expectGolden(text, "backup")
  }

  @Test func `doctor says what is wrong, and mends it`() throws {
    let fixture = try Fixture()
    var command = DoctorCommand()
    command.folder = fixture.folder
    var text = "> doctor, without a data file\n" + shown(command.run(context), fixture)
    fixture.applyDay()
    text += "> doctor\n" + shown(command.run(context), fixture)
    try fixture.sql(
      "UPDATE Product SET onHand = 99 WHERE objectId = 'bolt'; DELETE FROM _schedules; "
        + "UPDATE _outbox SET state = 'odd' WHERE number = 1")
    text += "> doctor, after a change past the engine\n" + shown(command.run(context), fixture)
    command.format = .json
    text += "> doctor --format json\n" + shown(command.run(context), fixture)
    command.format = .text
    command.mends = true
    text += "> doctor --mend\n" + shown(command.run(context), fixture)
    command.mends = false
    text += "> doctor\n" + shown(command.run(context), fixture)
    try expectGolden(text, "doctor")
  }
}
