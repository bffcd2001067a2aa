import Dispatch
import Foundation
import Synchronization

/// Stop requests: Ctrl-C, SIGTERM, SIGHUP, or a request on the control socket.
package final class StopRequests: Sendable {
  private let reasons: AsyncStream<String>
  private let continuation: AsyncStream<String>.Continuation
  private let count = Atomic(0)
  // Dispatch sources may be used from any thread; they only must not be released.
  nonisolated(unsafe) private let sources: [any DispatchSourceSignal]

  /// Handles these signals from now on instead of letting them end the process.
  package init() {
    let (reasons, continuation) = AsyncStream.makeStream(of: String.self, bufferingPolicy: .bufferingOldest(8))
    self.reasons = reasons
    self.continuation = continuation
    let queue = DispatchQueue(label: "signals")
    let signals: [(Int32, String)] = [(SIGINT, "Ctrl-C"), (SIGTERM, "SIGTERM"), (SIGHUP, "the terminal was closed")]
    sources = signals.map { number, _ in
      signal(number, SIG_IGN)
      return DispatchSource.makeSignalSource(signal: number, queue: queue)
    }
    for (source, (_, reason)) in zip(sources, signals) {
      source.setEventHandler { [weak self] in self?.request(reason) }
      source.activate()
    }
  }

  /// Whether a stop was requested.
  package var isRequested: Bool { count.load(ordering: .relaxed) > 0 }

  /// Requests a stop.
  func request(_ reason: String) {
    count.add(1, ordering: .relaxed)
    continuation.yield(reason)
  }

  /// Treats the end of standard input as a stop request from now on; any input is ignored.
  func requestAtEndOfInput() {
    let thread = Thread { [self] in
      var piece = [UInt8](repeating: 0, count: 64)
      while true {
        let count = read(STDIN_FILENO, &piece, piece.count)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { break }
      }
      request("the parent process has exited")
    }
    thread.name = "supervisor"
    thread.start()
  }

  /// Waits for the next request.
  /// - Returns: its reason; nil when the task was cancelled.
  func next() async -> String? {
    for await reason in reasons { return reason }
    return nil
  }

  /// - Throws: `CancellationError` once a stop was requested; called between the steps of starting.
  func check() throws {
    if isRequested { throw CancellationError() }
  }
}
