internal import CELConformance
internal import Foundation

/// `cel-conformance FILE.jsonl …`: runs files of the published conformance suite.
@main enum ConformanceTool {
  private static let usage = """
    usage: cel-conformance [--only-values] FILE.jsonl ...

    Runs the tests of the files, one JSON object a line, and prints each that fails.
      --only-values   leave out the tests that expect an error
    Exit status: 0 all passed, 1 some failed, 2 a file could not be read.

    """

  static func main() {
    var paths: [String] = []
    var onlyValues = false
    for argument in CommandLine.arguments.dropFirst() {
      switch argument {
      case "--only-values": onlyValues = true
      case "-h", "--help":
        write(usage, to: .standardOutput)
        exit(0)
      case _ where argument.hasPrefix("-"):
        write("cel-conformance: there is no option \(argument)\n\n" + usage, to: .standardError)
        exit(2)
      default: paths.append(argument)
      }
    }
    if paths.isEmpty {
      write(usage, to: .standardError)
      exit(2)
    }
    exit(run(paths, onlyValues: onlyValues))
  }

  private static func run(_ paths: [String], onlyValues: Bool) -> Int32 {
    var report = ConformanceReport()
    var unreadable = 0
    var counts = ""
    for path in paths {
      let lines: [ConformanceLine]
      do { lines = try ConformanceReader.lines(ofFile: path) } catch {
        write(
          "cel-conformance: \(path) cannot be read: \(error.localizedDescription)\n",
          to: .standardError)
        unreadable += 1
        continue
      }
      let name = URL(filePath: path).lastPathComponent
      let file = report.run(name, lines, onlyValues: onlyValues)
      for failure in file.failures { write(failure.text, to: .standardOutput) }
      counts += file.text + "\n"
    }
    write(counts + report.summary + "\n", to: .standardOutput)
    return unreadable > 0 ? 2 : report.failed > 0 ? 1 : 0
  }

  private static func write(_ text: String, to handle: FileHandle) {
    handle.write(Data(text.utf8))
  }
}
