internal import Logging
internal import Sealing
internal import ServiceHealth
internal import ServiceLifecycle
internal import Store

/// Keeps this process able to read what the desk's people wrote: takes over new keys from the key file, and compares the keys with those
/// that words of the desk are sealed with. A process that lacks one is not ready.
///
/// A new key encrypts here only after it is registered, so that no process that lacks it stays ready for long without being noticed. It is
/// registered only by a process that can read everything: one with a wrong key file must not make the others lack a key that is not in use.
struct WordKeyWatch: PeriodicService {
  private enum Bound {
    /// Between two comparisons while this process cannot start.
    static let waitingPause: Duration = .seconds(1)
    /// Between two comparisons of the key file with the desk.
    static let pause: Duration = .seconds(10)
    /// The same without keys.
    static let pauseWithoutKeys: Duration = .seconds(30)
  }

  private let source: WordKeySource?
  private let store: DeskStore
  private let health: HealthState
  private let logger: Logger
  let task = WatchedTask("word_keys")

  init(source: WordKeySource?, store: DeskStore, health: HealthState, logger: Logger) {
    self.source = source
    self.store = store
    self.health = health
    self.logger = logger
  }

  var periodic: PeriodicTask {
    PeriodicTask(task, every: source == nil ? Bound.pauseWithoutKeys : Bound.pause, logger: logger)
  }

  /// Waits until this process can read the words of the desk.
  func waitForKeys() async throws {
    var lastReason = ""
    while true {
      let reason: String
      do {
        guard let obstacle = try await compare() else { return }
        reason = "\(obstacle)"
      } catch let error as CancellationError {
        throw error
      } catch {
        reason = "the keys of the desk cannot be read: \(FailureKind.of(error))"
        health.fail("words", reason: reason)
      }
      if reason != lastReason { logger.warning("waiting for the word keys", metadata: ["reason": "\(reason)"]) }
      lastReason = reason
      if Task.isShuttingDownGracefully { throw CancellationError() }
      try await Task.sleep(for: Bound.waitingPause)
    }
  }

  func round() async throws -> PeriodicTask.Pause {
    if let obstacle = try await compare() { throw obstacle }
    // The keys in memory still do, but a restart would not find them.
    if let mistake = source?.mistake { throw WordSealError.unusableKeys("\(mistake)") }
    return .regular
  }

  /// Takes over changed keys, and registers the one that encrypts.
  /// - Returns: why words of the desk cannot all be read here; nil if they can.
  private func compare() async throws -> WordSealError? {
    let keys = source.map { $0.changed ?? $0.vault.keys }
    var obstacle: WordSealError?
    do {
      // Keys that lack one in use are not taken over: the former ones still read everything.
      obstacle = try await store.wordKeys.obstacle(to: keys)
      if obstacle == nil, let keys {
        try await store.wordKeys.register(keys)
        if keys != source?.vault.keys { source?.vault.adopt(keys) }
      }
    } catch let error as WordSealError {
      obstacle = error
    }
    if let obstacle { health.fail("words", reason: "\(obstacle)") } else { health.hold("words") }
    return obstacle
  }
}
