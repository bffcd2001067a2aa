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
