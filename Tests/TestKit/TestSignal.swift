import SystemPrimitives

/// Counts occurrences of an event in this process, and lets a test wait for a number of them. A wait has no time limit: if the event does
/// not occur, the test hangs until its runner ends it.
public final class TestSignal: Sendable {
  private struct Waiter {
    let count: Int
    let continuation: CheckedContinuation<Void, any Error>
  }

  private struct State {
    var count = 0
    var waiters: [Int: Waiter] = [:]
    var cancelled: Set<Int> = []
    var nextID = 0
  }

  private let state = PthreadMutex(State())

  public init() {}

  /// How often the event has occurred.
  public var count: Int { state.withLock { $0.count } }

  public func fire() {
    let satisfied = state.withLock { state in
      state.count += 1
      let satisfied = state.waiters.filter { $0.value.count <= state.count }
      for id in satisfied.keys { state.waiters[id] = nil }
      return satisfied.values.map(\.continuation)
    }
    for continuation in satisfied { continuation.resume() }
  }

  /// Waits until the event has occurred the given number of times since the signal was created; returns at once if it has.
  /// - Throws: `CancellationError` when the task is cancelled first, as by a test's time limit.
  public func wait(for count: Int = 1) async throws {
    let id = state.withLock { state in
      state.nextID += 1
      return state.nextID
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
        let outcome: Result<Void, any Error>? = state.withLock { state in
          if state.cancelled.remove(id) != nil { return .failure(CancellationError()) }
          if state.count >= count { return .success(()) }
          state.waiters[id] = Waiter(count: count, continuation: continuation)
          return nil
        }
        if let outcome { continuation.resume(with: outcome) }
      }
    } onCancel: {
      let waiter = state.withLock { state in
        let waiter = state.waiters.removeValue(forKey: id)
        if waiter == nil { state.cancelled.insert(id) }
        return waiter
      }
      waiter?.continuation.resume(throwing: CancellationError())
    }
  }
}
