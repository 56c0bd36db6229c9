import Foundation
import QuartermasterCEL
import Testing

@testable import QuartermasterCore

/// Loads a schema that must be right.
func schema(_ text: String, location: SourceLocation = #_sourceLocation) throws -> Schema {
  do { return try Schema.load(SourceFile(name: "schema.yaml", text: text)).schema } catch {
    Issue.record("\(described(error.items))", sourceLocation: location)
    throw error
  }
}

/// What the loader says, as `line:column severity code: message`.
func findings(inSchema text: String) -> [String] {
  let file = SourceFile(name: "schema.yaml", text: text)
  do { return described(try Schema.load(file).warnings) } catch { return described(error.items) }
}

func described(_ items: [Diagnostic]) -> [String] {
  items.map { item in
    let (line, column) = item.span.file.position(of: item.span.range.lowerBound)
    return "\(line):\(column) \(item.severity) \(item.code): \(item.message)"
  }
}

/// A folder of the checkout, or beside it; nil when it is not there.
func folder(_ path: String) -> URL? {
  let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
  let url = root.appendingPathComponent(path).standardizedFileURL
  return FileManager.default.fileExists(atPath: url.path) ? url : nil
}

extension Schema {
  func field(_ path: String) throws -> FieldDefinition {
    let parts = path.split(separator: ".").map(String.init)
    return try #require(self[parts[0]]?[parts[1]])
  }
}
