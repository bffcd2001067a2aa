/// How long to wait before a process that died is started again.
///
/// Half of the exponential pause is certain and half is drawn by lot, so that processes that died together do not come back
/// together.
struct RestartBackOff: Sendable {
  /// Deaths in a row.
  private(set) var deaths = 0

  /// The pause after a death.
  /// - Parameters:
  ///   - life: how long the process had run.
  ///   - jitter: drawn by lot, from 0 to 1.
  mutating func pause(afterLife life: Duration, jitter: Double) -> Duration {
    if life >= UpBounds.steadyLife { deaths = 0 }
    let doublings = min(deaths, 20)
    deaths += 1
    let full = min(UpBounds.restartPauseMaximum, UpBounds.restartPauseMinimum * (1 << doublings))
    return full / 2 + full * (min(1, max(0, jitter)) / 2)
  }
}
