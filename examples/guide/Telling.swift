import Foundation
import Quartermaster
import QuartermasterChannels  // webhook and email; needs libcurl

/// A printer that a host has.
protocol Printer: Sendable {
  func print(_ text: String, key: String) async throws
  func label(_ order: String, _ copies: Int, key: String) async throws
}

/// What a call is given, as the host's type.
struct LabelArguments: Decodable {
  let order: String
  let copies: Int
}

/// Channels and calls of a host, beside those that are shipped.
func telling(_ project: Project, _ printer: any Printer) throws -> Engine.Configuration {
  var configuration = Engine.Configuration()
  configuration.settings = project.settings
  let problems = configuration.channels.registerShipped(
    of: project.settings, folder: project.folder, environment: ProcessInfo.processInfo.environment)
  configuration.channels.register("printer") { delivery in
    try await printer.print(delivery.body, key: delivery.key)
  }
  configuration.calls.register("print-label", ["order": "Order", "copies": "Integer"]) { call in
    let arguments = try call.decode(LabelArguments.self)
    try await printer.label(arguments.order, arguments.copies, key: call.key)
  }
  for problem in problems { print(problem) }
  return configuration
}
