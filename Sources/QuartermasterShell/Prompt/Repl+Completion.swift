internal import Foundation
internal import QuartermasterCEL
internal import QuartermasterCore

/// Completion at the prompt: what it is made from is what stands in the project and in the file.
extension Repl {
  /// Returns what the word before the cursor may become.
  ///
  /// - Parameter text: What was typed of this line, up to the cursor; the lines before it that wait for their end are known.
  /// - Returns: The candidates, their place counted in the line.
  public func completion(of text: String) -> Completion {
    guard let begun = unfinished else { return .none(at: text.utf8.count) }
    let found = LineCompleter(source: completionSource).complete(begun + text)
    let start = found.start - begun.utf8.count
    guard start >= 0 else { return .none(at: text.utf8.count) }
    return Completion(start: start, candidates: found.candidates, ending: found.ending)
  }

  private var completionSource: CompletionSource {
    let project = folder.project
    var source = CompletionSource(
      schema: project.schema, settings: project.settings, verbs: verbs)
    source.rules = (sandbox?.rules ?? rules).ruleSet.rules.map(\.name)
    source.names = names.mapValues(\.className)
    let engine = engine
    source.records = { classes, prefix, limit in
      // Who types wants a guess, not an error: a file that is locked offers no ids.
      (try? engine.perform { interpreter throws(Refusal) in
        try Self.ids(classes, prefix, limit, interpreter.session)
      }) ?? []
    }
    source.className = { [self] name in
      let found = try? engine.perform { interpreter throws(Refusal) in
        records(named: name, interpreter.session).map(\.type.name)
      }
      return found?.count == 1 ? found?.first : nil
    }
    source.files = Self.files
    return source
  }

  private static func ids(
    _ classes: [ClassDefinition], _ prefix: String, _ limit: Int, _ session: StoreSession
  ) throws(Refusal) -> [CompletionSource.RecordID] {
    var found: [CompletionSource.RecordID] = []
    for definition in classes {
      // The index of the ids gives those that begin with the text, and the one behind them ends the search.
      let read = try session.statement(
        "SELECT \"objectId\" FROM \"\(definition.name)\" WHERE \"objectId\" >= ?1 "
          + "ORDER BY \"objectId\" LIMIT ?2")
      defer { read.reset() }
      try read.bind(1, prefix)
      try read.bind(2, Int64(limit))
      while try read.step() {
        let id = read.text(0)
        if !UTF8Text.starts(id, with: prefix) { break }
        found.append(.init(className: definition.name, id: id))
      }
    }
    return found
  }

  /// Returns the paths that begin with a text, but hidden ones.
  private static func files(_ prefix: String) -> [String] {
    let slash = prefix.lastIndex(of: "/").map { prefix.index(after: $0) } ?? prefix.startIndex
    let folder = String(prefix[..<slash])
    let names =
      (try? FileManager.default.contentsOfDirectory(atPath: folder.isEmpty ? "." : folder)) ?? []
    return names.filter { !$0.hasPrefix(".") }.map { name in
      var isFolder: ObjCBool = false
      let path = folder + name
      _ = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
      return isFolder.boolValue ? path + "/" : path
    }
  }
}
