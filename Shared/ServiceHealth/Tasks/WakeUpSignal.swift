internal import SystemPrimitives

/// Ends the pauses of one periodic task early, and ends the task itself.
///
/// Any number of signals before a round are served by that round; those during a round are served by the next.
public final class WakeUpSignal: Sendable {
  private struct State {
    var isRung = false
    var isFinished = false
    var sleeper: Sleeper?
  }

  private struct Sleeper {
    let continuation: CheckedContinuation<Void, Never>
    let heedsSignals: Bool
  }

  private let state = PthreadMutex(State())

  /// Creates a signal for one task.
  public init() {}

  /// Asks for a round soon.
  public func ring() {
    let sleeper = state.withLock { state -> Sleeper? in
      state.isRung = true
      guard let sleeper = state.sleeper, sleeper.heedsSignals else { return nil }
      state.sleeper = nil
      return sleeper
    }
    sleeper?.continuation.resume()
  }

  /// Ends the task after the round that runs now. Further calls change nothing.
  public func finish() {
    let sleeper = state.withLock { state -> Sleeper? in
      state.isFinished = true
      defer { state.sleeper = nil }
      return state.sleeper
    }
    sleeper?.continuation.resume()
  }

  /// Whether `finish` was called.
  var isFinished: Bool { state.withLock { $0.isFinished } }

  /// Whether a pause is in progress.
  var isPaused: Bool { state.withLock { $0.sleeper != nil } }

  /// A round begins: it serves the signals so far.
  func beginRound() {
    state.withLock { $0.isRung = false }
  }

  /// Returns after `limit`, or as soon as the task is woken, finished or cancelled.
  /// - Parameters:
  ///   - heedsSignals: false leaves a signal to the next pause that heeds them, or to the round after this one.
  ///   - sleep: the clock, for tests.
  func pause(
    upTo limit: Duration, heedingSignals heedsSignals: Bool,
    _ sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
  ) async {
    guard limit > .zero else { return }
    await withTaskGroup(of: Void.self) { group in
      group.addTask { try? await sleep(limit) }
      group.addTask { await self.signal(heedingSignals: heedsSignals) }
      await group.next()
      group.cancelAll()
    }
  }

  private func signal(heedingSignals heedsSignals: Bool) async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isOver = state.withLock { state in
          if state.isFinished || Task.isCancelled || (heedsSignals && state.isRung) { return true }
          state.sleeper = Sleeper(continuation: continuation, heedsSignals: heedsSignals)
          return false
        }
        if isOver { continuation.resume() }
      }
    } onCancel: {
      let sleeper = state.withLock { state -> Sleeper? in
        defer { state.sleeper = nil }
        return state.sleeper
      }
      sleeper?.continuation.resume()
    }
  }
}
