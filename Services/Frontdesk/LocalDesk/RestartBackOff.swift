/// The pause before a dead process is restarted.
///
/// Half of the exponential pause is fixed and half is random, so that processes that died together do not restart together.
struct RestartBackOff: Sendable {
  /// The number of consecutive deaths.
  private(set) var deaths = 0

  /// Returns the pause after a death.
  /// - Parameters:
  ///   - life: how long the process had run.
  ///   - jitter: a random number from 0 to 1.
  mutating func pause(afterLife life: Duration, jitter: Double) -> Duration {
    if life >= UpBounds.steadyLife { deaths = 0 }
    let doublings = min(deaths, 20)
    deaths += 1
    let full = min(UpBounds.restartPauseMaximum, UpBounds.restartPauseMinimum * (1 << doublings))
    return full / 2 + full * (min(1, max(0, jitter)) / 2)
  }
}
