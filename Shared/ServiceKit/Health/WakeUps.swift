internal import EventThread

/// Ends the pauses of one periodic task early, and ends the task itself.
///
/// Any number of wake-ups before a round are served by that round; one during a round is served by the next.
public final class WakeUps: Sendable {
  private struct State {
    var isDue = false
    var isFinished = false
    var sleeper: Sleeper?
  }

  private struct Sleeper {
    let continuation: CheckedContinuation<Void, Never>
    let heedsWakeUps: Bool
  }

  private let state = PthreadMutex(State())

  /// Creates a source of wake-ups for one task.
  public init() {}

  /// Asks for a round soon.
  public func wake() {
    let sleeper = state.withLock { state -> Sleeper? in
      state.isDue = true
      guard let sleeper = state.sleeper, sleeper.heedsWakeUps else { return nil }
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

  /// A round begins: it serves the wake-ups so far.
  func beginRound() {
    state.withLock { $0.isDue = false }
  }

  /// Returns after `limit`, or as soon as the task is woken, finished or cancelled.
  /// - Parameter heedsWakeUps: false leaves a wake-up to the round after the pause.
  func pause(upTo limit: Duration, heedingWakeUps heedsWakeUps: Bool) async {
    guard limit > .zero else { return }
    await withTaskGroup(of: Void.self) { group in
      group.addTask { try? await Task.sleep(for: limit) }
      group.addTask { await self.signal(heedingWakeUps: heedsWakeUps) }
      await group.next()
      group.cancelAll()
    }
  }

  private func signal(heedingWakeUps heedsWakeUps: Bool) async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isOver = state.withLock { state in
          if state.isFinished || Task.isCancelled || (heedsWakeUps && state.isDue) { return true }
          state.sleeper = Sleeper(continuation: continuation, heedsWakeUps: heedsWakeUps)
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
