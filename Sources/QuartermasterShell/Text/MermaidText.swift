internal import QuartermasterCore

extension RuleGraph {
  /// The graph as a Mermaid flowchart: rules as nodes, what is written on the arrows; what wakes nobody is dotted,
  /// with the reason.
  var mermaid: String {
    var lines = ["flowchart LR"]
    for (place, name) in names.enumerated() {
      lines.append("  r\(place)[\"\(Self.escaped(name))\"]")
    }
    for edge in edges {
      let what = Self.escaped(edge.what)
      if let reason = edge.dropped {
        lines.append("  r\(edge.from) -.->|\"\(what): \(Self.escaped(reason))\"| r\(edge.to)")
      } else {
        lines.append("  r\(edge.from) -->|\"\(what)\"| r\(edge.to)")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func escaped(_ text: String) -> String {
    text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "#quot;")
  }
}
