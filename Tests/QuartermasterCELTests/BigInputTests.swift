import Foundation
import Testing

@testable import QuartermasterCEL

/// Large and deep texts and values: an answer or an error at once, also on a thread with little room for calls.
@Suite(.timeLimit(.minutes(20))) struct BigInputTests {
  /// Runs work on a thread with a stack of so many KiB: hosts call from threads of Swift concurrency, which have 512.
  ///
  /// What takes for ever is ended by the time limit of the suite.
  private func onStack<T: Sendable>(
    _ size: Int, _ name: String, _ work: @escaping @Sendable () -> T
  ) async -> T {
    await withCheckedContinuation { continuation in
      let thread = Thread { continuation.resume(returning: work()) }
      thread.name = name
      thread.stackSize = size * 1024
      thread.start()
    }
  }

  // Code that is not optimised takes several times the room, and many times as long.
  #if DEBUG
  /// The stack that reading, writing, checking and planning has, in KiB.
  private static let compiling = 4096
  /// The stack that evaluating has, in KiB.
  private static let running = 2048
  /// How many characters the long texts have.
  private static let length = 5_000
  #else
  private static let compiling = 512
  private static let running = 512
  private static let length = 1_000_000
  #endif

  private static let environment: CELEnvironment = {
    var environment = CELEnvironment.everything
    environment.checksNull = false
    environment.declare(VariableDeclaration("a", .dyn))
    environment.declare(VariableDeclaration("b", .bool))
    return environment
  }()

  private static let bindings: [String: Value] = ["a": [1], "b": true]

  /// Reads, writes, checks and plans a text in all ways; what is wrong is thrown, and can be drawn.
  private static func programs(_ text: String) throws(DiagnosticList) -> [Program] {
    do throws(DiagnosticList) {
      let parsed = try environment.parse(ExprSource(text))
      _ = parsed.root.text
      let checked = try environment.check(parsed)
      return [
        environment.program(checked), environment.uncheckedProgram(parsed),
        environment.program(checked, observed: true),
      ]
    } catch {
      _ = DiagnosticRenderer().render(error)
      throw error
    }
  }

  /// Evaluates programs, and asks the last, which is observed, for what it saw; returns the codes of what went wrong.
  private static func evaluate(_ programs: [Program]) -> [String] {
    var codes: [String] = []
    for program in programs {
      do throws(EvaluationError) {
        _ = try program.evaluate(bindings, costLimit: 1_000_000)
      } catch {
        codes.append(error.code.rawValue)
      }
    }
    _ = programs.last?.explain(bindings)
    return codes
  }

  /// Returns a text that is nested `count` times, by the shape.
  private static func nested(_ shape: (String, String, String), _ count: Int) -> String {
    String(repeating: shape.0, count: count) + shape.1 + String(repeating: shape.2, count: count)
  }

  private static let shapes: [(String, String, String)] = [
    ("(", "1", ")"), ("[", "", "]"), ("[[", "1", "]]"), ("{1: ", "1", "}"), ("!", "b", ""),
    ("-", "a[0]", ""), ("- -", "a[0]", ""), ("b ? 1 : ", "2", ""), ("b ? (", "2", ") : 1"),
    ("", "a", ".a"), ("", "a", ".?a"), ("", "a", "[0]"), ("", "a", "[?0]"), ("", "'a'", ".trim()"),
    ("a[", "0", "]"), ("size([", "1", "])"), ("[1].map(x, ", "x", ")"),
    ("[1].exists(x, ", "b", ")"), ("[1].all(x, b && ", "b", ")"), ("", "[1]", ".filter(x, b)"),
    ("", "[1]", ".map(x, x)"), ("cel.bind(x, 1, ", "x", ")"), ("cel.bind(x, ", "1", ", x)"),
    ("optional.of(", "1", ")"), ("", "optional.of(1)", ".optMap(x, x)"), ("dyn(", "1", ")"),
    ("", "1", " + 1"), ("1 + (", "1", ")"), ("", "b", " && b"), ("b && (", "b", ")"),
    ("", "b", " || !b"), ("(b || (", "b", ")) && b"), ("", "1", " == 1"), ("1 in [", "1", "]"),
    ("has(", "a", ".b)"), ("a.f(", "1", ")"), ("[1].transformList(i, x, ", "x", ")"),
    ("{1: 1}.transformMap(k, v, ", "v", ")"), ("[1].sortBy(x, ", "x", ")"),
    ("type(", "1", ")"), ("[?optional.of(", "1", ")]"),
  ]

  @Test(arguments: shapes.indices) func `deep texts are answered on a small stack`(
    place: Int
  ) async {
    let shape = Self.shapes[place]
    for count in [40, 120, 240, 250, 251, 1000, 10_000] {
      let text = Self.nested(shape, count)
      let name = "\(shape) \(count) times"
      let compiled = await onStack(Self.compiling, name) {
        () -> Result<[Program], DiagnosticList> in
        do throws(DiagnosticList) { return .success(try Self.programs(text)) } catch {
          return .failure(error)
        }
      }
      switch compiled {
      case .success(let programs):
        let codes = await onStack(Self.running, name) { Self.evaluate(programs) }
        #expect(!codes.contains("limit"), "\(name): \(codes)")
        // A chain of `&&` or `||` is no deep tree, however long.
        #expect(count < 1000 || [" && b", " || !b"].contains(shape.2), "\(name) was accepted")
      case .failure(let list):
        let codes = Set(list.items.map(\.code))
        let isDeep = codes.isSubset(of: ["cel/depth", "cel/length"])
        #expect(count < 250 || isDeep || codes == ["cel/syntax"], "\(name): \(codes)")
      }
    }
  }

  @Test func `nested values are compared, written and sized on a small stack`() async {
    let texts = await onStack(Self.running, "values") { () -> [String] in
      var value = Value.int(1)
      for _ in 0..<250 { value = .list([value]) }
      var texts = ["\(Value.equal(value, value))", "\(value)".prefix(3).description]
      let program = try? Self.environment.compile("a == a && '%s'.format([a]).size() == 501")
      let result = try? program?.evaluate(["a": value], costLimit: 10_000)
      texts.append("\(result ?? .null)")
      return texts
    }
    #expect(texts == ["true", "[[[", "true"])
  }

  /// Expressions over a text of a million characters, `s`, and a long part of it, `p`.
  private static let hard: [String] = [
    "s.split('a').size() >= 1", "s.split('').size() == s.size()", "s.split(p).size() >= 1",
    "s.replace('a', 'bc').size() > 0", "s.replace('', '-').size() > s.size()",
    "s.replace(p, 'x').size() > 0", "s.indexOf(p + 'x') == -1", "s.indexOf(p, 10) >= -1",
    "s.lastIndexOf('x' + p) == -1", "s.lastIndexOf(p) >= -1", "s.contains(p + 'x') == false",
    "s.reverse().size() == s.size()", "s.lowerAscii().upperAscii().trim().size() > 0",
    "s.charAt(s.size() - 1) != ''", "s.substring(10, s.size() - 1).size() > 0",
    "s.startsWith(p) || true",
    "s.split('a').join('b').size() > 0", "'%s %x'.format([s, s]).size() > 2 * s.size()",
    "strings.quote(s).size() > s.size()", "bytes(s) == bytes(s)", "string(bytes(s)) == s",
    "base64.decode(base64.encode(bytes(s))) == bytes(s)", "s == s + ''", "s < s + 'a'",
    "s.matches('^(a|b)*c$') || true", "s.matches('(x+x+)+y') || true",
    "s.matches('[[:alpha:]]{3}\\\\d') || true", "s in [s]", "{s: 1}[s] == 1",
    "s.split('').distinct().size() < 10", "s.split('').sort().size() == s.size()",
    "int('1' + p) == 0", "double('1' + p) == 0.0", "timestamp(p) == timestamp(0)",
    "duration(p) == duration('0')", "ip(p) == ip('::1')", "s.matches(p) || true",
    "s.split('').map(x, x).size() == s.size()", "s.split('').exists(x, x == 'q') == false",
  ]

  private static let texts: [(s: String, p: String)] = [
    (String(repeating: "a", count: length), String(repeating: "a", count: length / 5 * 2)),
    (String(repeating: "ab", count: length / 2), String(repeating: "ab", count: length / 5) + "b"),
    (String(repeating: "é", count: length), String(repeating: "é", count: 40)),
  ]

  @Test(arguments: hard) func `a text of a million characters is answered quickly`(_ text: String)
    throws
  {
    var environment = Self.environment
    environment.declare(VariableDeclaration("s", .string))
    environment.declare(VariableDeclaration("p", .string))
    let program = try environment.compile(text)
    for (s, p) in Self.texts {
      do throws(EvaluationError) {
        let value = try program.evaluate(["s": .string(s), "p": .string(p)])
        #expect(Value.equal(value, .bool(true)), "\(text)")
      } catch {
        #expect([.invalidArgument, .overflow].contains(error.code), "\(text): \(error.message)")
        #expect(error.message.utf8.count < 1000, "\(text): a message of that length helps nobody")
      }
    }
  }
}
