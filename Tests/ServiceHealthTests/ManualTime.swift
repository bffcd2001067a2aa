import SystemPrimitives

/// Time that passes only when a test says so.
final class ManualTime: Sendable {
  private struct Sleeper {
    let end: Duration
    let continuation: CheckedContinuation<Void, any Error>
  }

  private struct State {
    var now: Duration = .zero
    var next = 0
    var sleepers: [Int: Sleeper] = [:]
  }

  private let state = PthreadMutex(State())

  /// The time since the start.
  var now: Duration { state.withLock { $0.now } }

  /// The number of tasks that sleep.
  var sleeperCount: Int { state.withLock { $0.sleepers.count } }

  /// Returns when that much time has passed.
  /// - Throws: `CancellationError`, as soon as the task is cancelled.
  func sleep(_ duration: Duration) async throws {
    let sleeper = state.withLock { state in
      state.next += 1
      return state.next
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let isCancelled = state.withLock { state in
          guard !Task.isCancelled else { return true }
          state.sleepers[sleeper] = Sleeper(end: state.now + duration, continuation: continuation)
          return false
        }
        if isCancelled { continuation.resume(throwing: CancellationError()) }
      }
    } onCancel: {
      state.withLock { $0.sleepers.removeValue(forKey: sleeper) }?.continuation.resume(throwing: CancellationError())
    }
  }

  /// Lets time pass, and wakes those whose sleep is over.
  func advance(by duration: Duration) {
    let woken = state.withLock { state in
      state.now += duration
      let woken = state.sleepers.filter { $0.value.end <= state.now }
      for sleeper in woken.keys { state.sleepers[sleeper] = nil }
      return woken.values.map(\.continuation)
    }
    for continuation in woken { continuation.resume() }
  }
}
