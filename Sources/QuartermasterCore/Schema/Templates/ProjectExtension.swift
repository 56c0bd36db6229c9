public import QuartermasterCEL

/// What a project takes from a template: `extends: supply`, and the rules that it does without.
public final class ProjectExtension: Sendable {
  /// The name of the template.
  public let template: String
  /// The rules of the template that are not part of the project: switched off, or written anew under the same name.
  public let off: [String]
  /// The template as it is.
  public let project: Project

  /// What the names of its files begin with.
  static let prefix = "template:"

  init(template: String, off: [String], project: Project) {
    (self.template, self.off, self.project) = (template, off, project)
  }
}

extension SourceFile {
  /// Whether it is a file of the template that a project builds on.
  package var isOfTemplate: Bool { name.hasPrefix(ProjectExtension.prefix) }
}

/// What quartermaster.yaml says of a template, before anything else is read.
struct ExtensionRequest {
  /// The name of the template, and where it stands.
  let template: (name: String, span: SourceSpan)?
  /// The rules that are off, and where that stands.
  let off: [(name: String, span: SourceSpan)]

  /// Reads `extends: NAME` and `rules: {off: [NAME, …]}`; their form is judged with the other settings.
  init(_ root: YAMLNode) {
    if let node = root["extends"], let text = node.text {
      template = (text, node.span)
    } else {
      template = nil
    }
    off = (root["rules"]?["off"]?.items ?? []).compactMap { item in
      item.text.map { ($0, item.span) }
    }
  }
}

/// Lays the files of a project over those of a template.
enum ProjectMerge {
  /// Returns a schema with the classes of both; of two fields, verbs or signals with one name, the project's counts.
  static func schema(_ base: YAMLNode, _ own: YAMLNode) -> YAMLNode {
    merged(base, own) { key, base, own in
      guard key == "classes" else { return merged(base, own) { _, _, own in own } }
      return merged(base, own) { _, base, own in
        merged(base, own) { name, base, own in
          // Keys and indexes of the project stand beside those of the template.
          let isOption = name == "index" || name == "unique"
          return isOption && own["type"] == nil ? joined(base, own) : own
        }
      }
    }
  }

  /// Returns settings with the groups, channels and limits of both; otherwise the project's count.
  static func settings(_ base: YAMLNode, _ own: YAMLNode) -> YAMLNode {
    merged(base, own) { key, base, own in
      ["groups", "channels", "outbox", "journal", "limits"].contains(key)
        ? merged(base, own) { _, _, own in own } : own
    }
  }

  /// Returns a map with the pairs of both; `join` gives the value of a key that both have.
  private static func merged(
    _ base: YAMLNode, _ own: YAMLNode,
    _ join: (_ key: String, _ base: YAMLNode, _ own: YAMLNode) -> YAMLNode
  ) -> YAMLNode {
    if case .empty = own.kind { return base }
    // What has the wrong form is reported by who reads it.
    guard let old = base.pairs, let new = own.pairs else { return own }
    var pairs = old
    for (key, value) in new {
      if let place = pairs.firstIndex(where: { $0.key.text == key.text }) {
        pairs[place] = (key, join(key.text ?? "", pairs[place].value, value))
      } else {
        pairs.append((key, value))
      }
    }
    return YAMLNode(kind: .mapping(pairs), span: own.span)
  }

  private static func joined(_ base: YAMLNode, _ own: YAMLNode) -> YAMLNode {
    let items = (base.items + own.items).map { item in
      item.text == nil ? item : YAMLNode(kind: .sequence([item]), span: item.span)
    }
    return YAMLNode(kind: .sequence(items), span: own.span)
  }
}
