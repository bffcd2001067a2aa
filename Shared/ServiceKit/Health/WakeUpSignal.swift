internal import EventThread

/// Ends the pauses of one `PeriodicTask` early, because something may have changed.
///
/// Signals during a round are remembered. However many there were, they cause one further round, which begins after them.
public final class WakeUpSignal: Sendable {
  private struct State {
    var isRung = false
    var sleeper: Task<Void, Never>?
  }

  private let state = PthreadMutex(State())

  public init() {}

  /// Asks for a round. Returns at once.
  public func ring() {
    let sleeper = state.withLock { state in
      state.isRung = true
      return state.sleeper
    }
    sleeper?.cancel()
  }

  /// Waits for a signal, for some time at most; returns at once if there was one since the last wait, or when the task is cancelled.
  func wait(atMost time: Duration) async {
    let sleeper = Task { _ = try? await Task.sleep(for: time) }
    let isRung = state.withLock { state in
      state.sleeper = sleeper
      return state.isRung
    }
    if isRung { sleeper.cancel() }
    await withTaskCancellationHandler {
      await sleeper.value
    } onCancel: {
      sleeper.cancel()
    }
    state.withLock { $0 = State() }
  }
}
