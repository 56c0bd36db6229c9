import Foundation
import QuartermasterCEL
import QuartermasterSupply
import Testing

@testable import QuartermasterShell

/// Slips of the hand in the shipped rules: each is found where it was made.
@Suite struct MutationTests {
  private static let templates: [(name: String, files: [(path: String, text: String)])] =
    ProjectTemplate.all.map { template in
      (template.name, template.files.map { (path: $0.path, text: $0.text) })
    }

  private static let mutations: [Mutation] = templates.flatMap {
    Mutation.all(of: $0.name, $0.files)
  }

  @Test func `there are enough slips, of every kind`() {
    #expect(Self.mutations.count >= 60)
    let seen = Set(Self.mutations.map(\.kind))
    #expect(Mutation.kinds.map(\.name).filter { !seen.contains($0) } == [])
  }

  @Test(arguments: mutations)
  func `a slip is found where it was made`(_ mutation: Mutation) throws {
    let files = try #require(Self.templates.first { $0.name == mutation.template }).files
    let changed = files.map { file in
      file.path == mutation.file ? (path: file.path, text: mutation.text) : file
    }
    let findings = ProjectFindings.read(mutation.template, changed)
    let found = findings.items.filter { $0.severity > .note }
    let first = try #require(found.first, "nothing is said of it")
    let file = first.span.file
    let (line, column) = file.position(of: mutation.range.lowerBound)
    let said = DiagnosticRenderer().render(DiagnosticList(found))
    #expect(file.name.hasSuffix(mutation.file), "\(said)")
    switch mutation.place {
    case .mark:
      let touches = found.contains {
        $0.span.range.lowerBound <= mutation.range.upperBound
          && $0.span.range.upperBound >= mutation.range.lowerBound
      }
      #expect(touches, "made at \(line):\(column)\n\(said)")
    case .line:
      #expect(Self.line(first) == line, "made at \(line):\(column)\n\(said)")
    case .nextLine:
      #expect((line...line + 1).contains(Self.line(first)), "made at \(line):\(column)\n\(said)")
    }
  }

  private static func line(_ item: Diagnostic) -> Int {
    item.span.file.position(of: item.span.range.lowerBound).line
  }
}
