import ArgumentParser

@main
struct Quartermaster: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "quartermaster", abstract: "Automation rules for supply operations.")
}
