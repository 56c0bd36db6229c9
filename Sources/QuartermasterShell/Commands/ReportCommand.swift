internal import QuartermasterCEL
internal import QuartermasterCore
internal import QuartermasterSupply

/// `quartermaster report [TABLE]`: fill rate, stock-outs, days of stock, orders and spend per supplier, over a period.
public struct ReportCommand: Sendable {
  /// A part of the report.
  public enum Table: String, Sendable, CaseIterable {
    /// The figures of the whole company.
    case summary
    /// A row for each product.
    case products
    /// A row for each supplier.
    case suppliers
  }

  /// The part that is printed; nil for all.
  public var table: Table?
  /// Where the period begins: an instant, a date, or how long ago; nil for the first operation of the journal.
  public var since: String?
  /// Where it ends, likewise; nil for the last operation.
  public var until: String?
  /// How many products the text shows; 0 for all.
  public var limit = 20
  /// The project folder.
  public var folder = "."
  /// How it is printed.
  public var format = DataFormat.text

  /// Creates the command.
  public init() {}

  /// Runs the command.
  public func run(_ context: ShellContext) -> Reply {
    context.reply {
      if limit < 0 { throw CommandFailure(.usage, "--limit needs a number from 0") }
      if format == .csv, table == nil {
        let tables = Table.allCases.map(\.rawValue).joined(separator: ", ")
        throw CommandFailure(
          .usage, "csv is one table; name it (\(tables)), as in report products --format csv")
      }
      let folder = try ProjectFolder(self.folder, context)
      try requireClasses(folder.project.schema)
      return try folder.present { session in
        let words = JournalText(session, folder.project.settings)
        let journal = JournalReader(session)
        let now = try ReplayClock.read(session) ?? SystemClock.now
        guard let reach = try journal.reach() else {
          throw CommandFailure(.failed, "the journal is empty; there is nothing to report")
        }
        let first = try since.map { text throws(CommandFailure) in
          try JournalTime.read(text, isEnd: false, now: now, words.zone)
        }
        let last = try until.map { text throws(CommandFailure) in
          try JournalTime.read(text, isEnd: true, now: now, words.zone)
        }
        let (begin, end) = (first ?? reach.first, last ?? reach.last)
        if begin > end { throw CommandFailure(.usage, "--since is after --until") }
        var ledger = SupplyLedger(since: begin, until: end)
        try journal.changes(of: Set(SupplyLedger.classes)) { change in ledger.add(change) }
        let text = ReportText(report: ledger.finish(), words: words, limit: limit)
        switch format {
        case .json: return Reply(text.json(table))
        case .jsonl: return Reply(text.jsonLines(table ?? .summary))
        case .csv: return Reply(text.csv(table ?? .summary))
        case .text:
          var output = text.text(table, context.width)
          if let reach = try words.reach(journal) { output += "(the journal \(reach))\n" }
          return Reply(output)
        }
      }
    }
  }

  /// The figures are of the classes and fields of the supply domain.
  private func requireClasses(_ schema: Schema) throws(CommandFailure) {
    let fields = [
      "Product": ["onHand", "reserved"], "Order": ["status"],
      "OrderLine": ["order", "product", "quantity", "allocated"],
      "PurchaseOrder": ["supplier", "status", "totalAmount"],
      "PurchaseOrderLine": ["order", "quantity"],
    ]
    for (name, wanted) in fields.sorted(by: { $0.key < $1.key }) {
      guard let definition = schema[name] else {
        throw CommandFailure(
          .failed, "the report is about the supply domain, and this project has no class \(name)")
      }
      for field in wanted where definition[field] == nil {
        throw CommandFailure(
          .failed,
          "the report is about the supply domain, and \(name) has no field \(field) here")
      }
    }
  }
}
