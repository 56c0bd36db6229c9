import Foundation

/// What is asked for on the command line.
struct Options {
  /// Which workloads.
  var workloads = ["reorder", "rules", "scale"]
  var rounds = 5
  var products = 10_000
  var movements = 200_000
  var batches = [1000, 1]
  /// Where files are written that are needed while it runs.
  var folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("quartermaster-benchmarks-\(ProcessInfo.processInfo.processIdentifier)")
  /// The command-line program.
  var program = URL(fileURLWithPath: Workloads.path).deletingLastPathComponent()
    .appendingPathComponent("quartermaster").path
  /// The floors in C, where they are there.
  var floors = Options.found()
  /// Where the tables are written, besides the terminal.
  var page: String?

  /// Whether W1 has the size for which its end is known.
  var isUsual: Bool { products == 10_000 && movements == 200_000 }

  init(_ arguments: [String]) throws {
    var words = arguments[...]
    var named: [String] = []
    func value(_ option: String) throws -> String {
      guard let value = words.popFirst() else { throw BenchmarkError("\(option) needs a value") }
      return value
    }
    func number(_ option: String) throws -> Int {
      let text = try value(option)
      guard let number = Int(text), number > 0 else {
        throw BenchmarkError("\(option) needs a number, not \(text)")
      }
      return number
    }
    while let word = words.popFirst() {
      switch word {
      case "reorder", "rules", "scale": named.append(word)
      case "--rounds": rounds = try number(word)
      case "--products": products = try number(word)
      case "--movements": movements = try number(word)
      case "--batch": batches = [try number(word)]
      case "--folder": folder = URL(fileURLWithPath: try value(word))
      case "--program": program = URL(fileURLWithPath: try value(word)).path
      case "--floors": floors = URL(fileURLWithPath: try value(word))
      case "--page": page = try value(word)
      default: throw BenchmarkError("\(word) is not known; \(Options.usage)")
      }
    }
    if !named.isEmpty { workloads = named }
    guard FileManager.default.isExecutableFile(atPath: program) else {
      throw BenchmarkError("\(program) is not there; build it, or name it with --program")
    }
  }

  static let usage = """
    Workloads [reorder] [rules] [scale] [--rounds 5] [--products 10000] [--movements 200000] [--batch 1000]
      [--folder DIR] [--program PATH] [--floors DIR] [--page FILE.md]
    """

  private static func found() -> URL? {
    let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let bench = package.deletingLastPathComponent().appendingPathComponent("shared/bench")
    return FileManager.default.fileExists(atPath: bench.path + "/w1.c") ? bench : nil
  }
}
