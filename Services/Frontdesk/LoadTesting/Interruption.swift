import CommandLineTool
import Dispatch
import Glibc
import SystemPrimitives

/// The user's request to stop the command: Ctrl-C, or SIGTERM from a script.
final class Interruption: Sendable {
  /// Retained, because a released source does not fire.
  private let sources: PthreadMutex<[any DispatchSourceSignal]>
  private let stream: AsyncStream<Void>

  /// Takes over both signals for the rest of the process's lifetime.
  init() {
    let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    self.stream = stream
    sources = PthreadMutex([])
    for number in [SIGINT, SIGTERM] {
      // The default action would end the process before the source fires.
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { continuation.yield() }
      source.activate()
      sources.withLock { $0.append(source) }
    }
  }

  /// Waits for the first signal or this task's cancellation. Supports one waiter.
  func wait() async {
    for await _ in stream { return }
  }
}

extension Interruption {
  /// Runs a body; Ctrl-C cancels it, so that it can clean up.
  /// - Parameter problem: the error message in that case.
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
