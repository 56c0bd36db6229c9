import Testing

@testable import QuartermasterShell

/// `quartermaster eval`.
struct EvalTests {
  private func run(_ text: String, _ bindings: String? = nil, types: String? = nil) -> Reply {
    var command = EvalCommand(text)
    command.bindings = bindings
    command.typeEnvironment = types
    return command.run(ShellContext())
  }

  @Test(arguments: [
    ("sets.contains([1, 2], [2])", "true\n"), ("cel.bind(a, 2, a * a)", "4\n"),
    ("ip('127.0.0.1').isLoopback()", "true\n"), ("base64.encode(b'hi')", "\"aGk=\"\n"),
    ("optional.of(1).orValue(2)", "1\n"), ("[3, 4].transformList(i, v, i * v)", "[0, 4]\n"),
    ("decimal('1.10') * 2", "2.20\n"), ("string(cidr('10.0.0.0/8'))", "\"10.0.0.0/8\"\n"),
  ]) func `all libraries are on`(_ text: String, _ expected: String) {
    #expect(run(text).output == expected)
  }

  @Test func `names have the types that are given`() {
    let types = """
      {"u": "uint", "d": "double", "t": "timestamp", "l": {"list": "int"}, "y": "bytes",
       "m": {"map": ["string", "uint"]}, "o": {"optional": "int"}, "n": {"nullable": "int"}}
      """
    let values = """
      {"u": 5, "d": 2, "t": "2026-03-02T09:00:00Z", "l": [1, 2], "y": "aGk=", "m": {"a": 1},
       "o": 3, "n": null}
      """
    let text =
      "[u == 5u, d == 2.0, t.getFullYear() == 2026, l.size() == 2, y == b'hi', m.a == 1u, "
      + "o.value() == 3, n == null]"
    let reply = run(text, values, types: types)
    #expect(reply.output == "[true, true, true, true, true, true, true, true]\n", "\(reply.errors)")
  }

  @Test func `a list of declarations is read as well`() {
    let types = #"[{"name": "x", "type": "int"}]"#
    #expect(run("x + 1", #"{"x": 1}"#, types: types).output == "2\n")
    let refused = run("x + 'a'", #"{"x": 1}"#, types: types)
    #expect(refused.errors.contains("cel/type"))
  }

  @Test(arguments: [
    (#"{"x": "itn"}"#, "there is no type itn; did you mean int?"),
    (#"{"x": {"list": 1}}"#, "a type is a word"), (#"[{"name": "f"}]"#, "a name and a type"),
    ("3", "needs an object of names and types"), ("{", "--type-env is not JSON"),
  ]) func `a wrong type is told`(_ types: String, _ message: String) {
    let reply = run("1", types: types)
    #expect(reply.errors.contains(message), "\(reply.errors)")
  }

  @Test func `a value of another type is told`() {
    let reply = run("x", #"{"x": "5"}"#, types: #"{"x": "int"}"#)
    #expect(reply.errors.contains("x is a text, not an integer"), "\(reply.errors)")
  }
}
