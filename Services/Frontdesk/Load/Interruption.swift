import Dispatch
import EventThread
import Glibc

/// The wish of whoever started the command that it ends: Ctrl-C, or SIGTERM from a script.
final class Interruption: Sendable {
  /// Kept, because a source that is let go tells nothing.
  private let sources: PthreadMutex<[any DispatchSourceSignal]>
  private let stream: AsyncStream<Void>

  /// Takes both signals over for the rest of the process's life.
  init() {
    let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    self.stream = stream
    sources = PthreadMutex([])
    for number in [SIGINT, SIGTERM] {
      // The default action would end the process before the source is told.
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { continuation.yield() }
      source.activate()
      sources.withLock { $0.append(source) }
    }
  }

  /// Waits for the first signal, or for this task's cancellation. For one waiter.
  func wait() async {
    for await _ in stream { return }
  }
}

extension Interruption {
  /// Runs a body; Ctrl-C cancels it, so that it can clear away what it made.
  /// - Parameter problem: what is said then.
  static func cancelling<Outcome: Sendable>(
    _ problem: String, _ body: @escaping @Sendable () async throws -> Outcome
  ) async throws -> Outcome {
    let interruption = Interruption()
    let work = Task { try await body() }
    let watch = Task {
      await interruption.wait()
      if !Task.isCancelled { work.cancel() }
    }
    defer { watch.cancel() }
    do {
      return try await work.value
    } catch is CancellationError {
      throw CommandFailure(problem)
    }
  }
}
