public import Logging
import SystemPrimitives

/// Keeps the lines of a logger in memory, and lets a test wait for one.
public final class LogRecorder: Sendable {
  /// A line as the service wrote it.
  public struct Line: Sendable {
    public let level: Logger.Level
    public let message: String
    public let metadata: Logger.Metadata

    /// The message and the metadata.
    public var text: String { "\(message) \(metadata)" }
  }

  private let kept = PthreadMutex<[Line]>([])
  private let arrivals: AsyncStream<Line>
  private let arrival: AsyncStream<Line>.Continuation

  public init() { (arrivals, arrival) = AsyncStream.makeStream() }

  /// A logger of all levels.
  public var logger: Logger { Logger(label: "test") { [self] _ in Handler(recorder: self) } }

  /// The lines so far, in order.
  public var lines: [Line] { kept.withLock { $0 } }

  /// What operators see.
  public var loud: String { lines.filter { $0.level >= .info }.map(\.text).joined(separator: "\n") }

  /// How many lines of a level there are.
  public func count(_ level: Logger.Level) -> Int { lines.count { $0.level == level } }

  /// Waits for a line of level `info` or above whose message or metadata contains a text; as `wait(where:)`.
  public func wait(for text: String) async throws { try await wait { $0.level >= .info && $0.text.contains(text) } }

  /// Waits for a line. Each line is seen by one wait only, so that the next wait is for a later line; one task at a time may wait.
  /// - Throws: `CancellationError` when the task is cancelled first, as by a test's time limit.
  public func wait(where isAwaited: (Line) -> Bool) async throws {
    for await line in arrivals where isAwaited(line) { return }
    throw CancellationError()
  }

  /// Waits until warnings have named all of these background tasks.
  /// - Throws: `CancellationError`.
  public func waitForWarnings(of tasks: Set<String>) async throws {
    var missing = tasks
    while !missing.isEmpty {
      try await wait { line in
        guard line.level == .warning, let task = line.metadata["task"] else { return false }
        return missing.remove("\(task)") != nil
      }
    }
  }

  private struct Handler: LogHandler {
    let recorder: LogRecorder
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      let line = Line(
        level: event.level, message: "\(event.message)",
        metadata: metadata.merging(event.metadata ?? [:]) { _, own in own })
      recorder.kept.withLock { $0.append(line) }
      recorder.arrival.yield(line)
    }
  }
}
