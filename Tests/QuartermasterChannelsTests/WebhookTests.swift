import Foundation
import QuartermasterCEL
import QuartermasterCore
import Testing

@testable import QuartermasterChannels

/// Webhooks against a server that takes, refuses, is slow and dies half-way.
struct WebhookTests {
  @Test func `a message is posted, named and signed`() throws {
    let server = try WebServer { _, _ in .status(204) }
    let station = try PostStation(
      "kind: webhook, url: '\(server.url)', secretFrom: HOOK", environment: ["HOOK": "s3cret"])
    #expect(station.problems.isEmpty)
    try station.send(to: "Dock 7 é\n")
    #expect(try station.deliver().delivered == 1)
    let request = try #require(server.requests.first)
    #expect(request.line == "POST /hook HTTP/1.1")
    #expect(request.headers["content-type"] == "application/json")
    #expect(request.headers["quartermaster-attempt"] == "1")
    let key = try station.entry().key
    #expect(request.headers["idempotency-key"] == key)
    #expect(key.hasSuffix("/channel/Dock%207%20%C3%A9%0A"))
    #expect(
      request.text
        == #"{"key":"\#(key)","at":"2026-03-02T09:00:00Z","channel":"channel","address":"Dock 7 é\n","#
        + #""message":"4 left","title":"Stock of bolt","to":"Dock 7 é\n","rule":"tell"}"#)
    let signature = try #require(request.headers["quartermaster-signature"])
    let parts = signature.split(separator: ",")
    let seconds = parts[0].dropFirst(2)
    let now = Date().timeIntervalSince1970
    #expect(abs((Double(seconds) ?? 0) - now) < 3600)
    #expect(
      parts[1].dropFirst(3)
        == Signature.hmac(Array("\(seconds).".utf8) + request.body, key: Array("s3cret".utf8)))
  }

  @Test(arguments: [
    (500, true), (503, true), (429, true), (408, true), (425, true), (400, false), (404, false),
    (410, false), (422, false), (302, true), (301, false), (308, false),
  ])
  func `what a receiver answers decides whether it is tried again`(_ status: Int, _ again: Bool)
    throws
  {
    let server = try WebServer { _, _ in .status(status, headers: ["Location: http://127.0.0.1:1/"])
    }
    let station = try PostStation("kind: webhook, url: '\(server.url)'")
    try station.send(to: "dock")
    let report = try station.deliver()
    #expect(report.failed == (again ? 1 : 0))
    #expect(report.dead == (again ? 0 : 1))
    #expect(server.requests.count == 1)
    #expect(try station.entry().error.contains("HTTP \(status)"))
  }

  @Test func `repeats carry the same key and the same body`() throws {
    let server = try WebServer { _, number in number < 3 ? .status(503) : .status(200) }
    let station = try PostStation(
      "kind: webhook, url: '\(server.url)'", outbox: "jitter: 0, delays: [1s]")
    try station.send(to: "dock")
    for _ in 0..<3 {
      _ = try station.deliver()
      try station.advance(milliseconds: 1000)
    }
    #expect(try station.entry().state == "delivered")
    let requests = server.requests
    #expect(requests.count == 3)
    #expect(Set(requests.map { $0.headers["idempotency-key"] }).count == 1)
    #expect(Set(requests.map(\.body)).count == 1)
    #expect(requests.map { $0.headers["quartermaster-attempt"] } == ["1", "2", "3"])
  }

  @Test func `a receiver that asks for time gets it`() throws {
    let server = try WebServer { _, _ in .status(429, headers: ["Retry-After: 3600"]) }
    let station = try PostStation("kind: webhook, url: '\(server.url)'")
    try station.send(to: "dock")
    let next = try #require(try station.deliver().next)
    #expect(next.milliseconds - PostStation.start.milliseconds == 3_600_000)
  }

  @Test(arguments: ["close", "half"])
  func `a receiver that dies half-way is tried again with the same key`(_ how: String) throws {
    let server = try WebServer { _, number in
      number > 1 ? .status(200) : how == "close" ? .close : .half
    }
    let station = try PostStation(
      "kind: webhook, url: '\(server.url)'", outbox: "jitter: 0, delays: [1s]")
    try station.send(to: "dock")
    #expect(try station.deliver().failed == 1)
    #expect(try station.entry().error.hasPrefix("127.0.0.1:"))
    try station.advance(milliseconds: 1000)
    #expect(try station.deliver().delivered == 1)
    #expect(server.requests.count == 2)
    #expect(Set(server.requests.map { $0.headers["idempotency-key"] }).count == 1)
  }

  @Test func `a receiver that says nothing runs out of time`() throws {
    let server = try WebServer { _, _ in .silence }
    let station = try PostStation("kind: webhook, url: '\(server.url)', timeout: 200ms")
    try station.send(to: "dock")
    #expect(try station.deliver().failed == 1)
    #expect(try station.entry().error.contains("timed out"))
  }

  @Test func `nobody there is tried again`() throws {
    let server = try WebServer { _, _ in .close }
    let url = server.url
    server.stop()
    let station = try PostStation("kind: webhook, url: '\(url)'")
    try station.send(to: "dock")
    #expect(try station.deliver().failed == 1)
    #expect(try station.entry().error.contains("connect"))
  }

  @Test func `a slow receiver does not hold up another lane`() throws {
    let others = Counter()
    let server = try WebServer { request, _ in
      if request.text.contains(#""address":"slow""#) {
        // Until the other lane is through.
        others.wait(for: 5)
      } else {
        others.add()
      }
      return .status(200)
    }
    let station = try PostStation("kind: webhook, url: '\(server.url)'")
    try station.send(to: "slow")
    for _ in 0..<5 { try station.send(to: "quick") }
    #expect(try station.deliver().delivered == 6)
  }

  @Test func `a delivery by web can be broken off`() async throws {
    let server = try WebServer { _, _ in .silence }
    let station = try PostStation("kind: webhook, url: '\(server.url)', timeout: 1h")
    try station.send(to: "dock")
    let task = Task { try await station.engine.deliver() }
    while server.requests.isEmpty { await Task.yield() }
    task.cancel()
    #expect(try await task.value.wasStopped)
    #expect(try station.entry().state == "waiting")
    #expect(try station.entry().tries == 0)
  }

  @Test func `secrets of the environment are needed, and shown nowhere`() async throws {
    let server = try WebServer { _, _ in .status(500) }
    let hidden = server.url + "/services/T0KEN?key=hidden"
    let station = try PostStation(
      "kind: webhook, urlFrom: URL, secretFrom: SECRET",
      environment: ["URL": hidden, "SECRET": "s3cret"])
    try station.send(to: "dock")
    #expect(try await station.engine.deliver().failed == 1)
    let shown = try "\(station.engine.outbox())"
    for secret in ["T0KEN", "hidden", "s3cret"] { #expect(!shown.contains(secret)) }
    #expect(server.requests.first?.line == "POST /hook/services/T0KEN?key=hidden HTTP/1.1")
    let without = try PostStation(
      "kind: webhook, urlFrom: URL, secretFrom: SECRET", environment: ["URL": hidden])
    #expect(
      without.problems == [
        "the channel channel is left out: the environment has no SECRET, which its `secretFrom` names"
      ])
    try without.send(to: "dock")
    #expect(try await without.engine.deliver().unregistered == ["channel": 1])
  }
}

/// Counts, and lets others wait for a count.
final class Counter: @unchecked Sendable {
  private let condition = NSCondition()
  private var count = 0

  func add() {
    condition.lock()
    count += 1
    condition.broadcast()
    condition.unlock()
  }

  func wait(for wanted: Int) {
    condition.lock()
    while count < wanted { condition.wait() }
    condition.unlock()
  }
}
