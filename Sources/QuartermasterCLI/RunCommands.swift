public import ArgumentParser
import Dispatch
import Foundation
public import QuartermasterShell
import Synchronization

extension RunCommand.Clock: ExpressibleByArgument {}

extension QuartermasterTool {
  struct Run: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Keep a project running: timers, messages, changes from outside, changed rules.",
      discussion: """
        Prints a line for each event worth knowing, and runs until it is interrupted: the first signal lets it finish \
        what it has in hand, the second ends it at once. Rule files that change come into force when all of them \
        check; else the rules from before stay.
        """)

    @OptionGroup var folder: FolderArgument
    @Option(help: "`computer` gives a file with a replayed clock the computer's clock, for good.")
    var clock = RunCommand.Clock.file
    @Flag(help: "Say what the rules did as it happens, not once a minute.")
    var verbose = false
    @Option(help: "How the events are printed: text, or json, one object a line.")
    var format = OutputFormat.text

    func run() {
      var command = RunCommand()
      command.folder = folder.folder
      command.clock = clock
      command.isVerbose = verbose
      command.format = format
      let (prepared, context) = (command, Terminal.context)
      let ended = Mutex<Reply?>(nil)
      let done = DispatchSemaphore(value: 0)
      let task = Task.detached {
        let reply = await prepared.run(context)
        ended.withLock { $0 = reply }
        done.signal()
      }
      let signals = Self.signals { task.cancel() }
      done.wait()
      for source in signals { source.cancel() }
      Terminal.finish(ended.withLock { $0 } ?? Reply())
    }

    /// Calls a body at the first signal to stop; the second ends the process at once, as it would without us.
    private static func signals(_ stop: @escaping @Sendable () -> Void)
      -> [any DispatchSourceSignal]
    {
      let counter = SignalCounter()
      return [SIGINT, SIGTERM].map { number in
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
        source.setEventHandler {
          if counter.next() == 1 { return stop() }
          signal(number, SIG_DFL)
          raise(number)
        }
        source.resume()
        return source
      }
    }
  }
}

/// Counts the signals that came.
private final class SignalCounter: Sendable {
  private let count = Mutex(0)

  func next() -> Int {
    count.withLock { count in
      count += 1
      return count
    }
  }
}
