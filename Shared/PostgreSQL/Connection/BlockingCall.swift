import Glibc

/// Runs one blocking call on a dedicated thread, for the two libpq calls without a non-blocking form: resolving a host
/// name and asking the server to cancel. Both are rare, and each connection makes at most one at a time.
enum BlockingCall {
  private final class Start {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) {
      self.body = body
    }
  }

  static func run<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
      launch { continuation.resume(returning: body()) }
    }
  }

  private static func launch(_ body: @escaping @Sendable () -> Void) {
    let start = Unmanaged.passRetained(Start(body))
    var thread = pthread_t()
    let status = pthread_create(
      &thread, nil,
      { argument in
        guard let argument else { return nil }
        Unmanaged<Start>.fromOpaque(argument).takeRetainedValue().body()
        return nil
      },
      start.toOpaque())
    guard status != 0 else {
      pthread_detach(thread)
      return
    }
    // No thread available: blocking briefly is better than never answering.
    start.takeRetainedValue().body()
  }
}
