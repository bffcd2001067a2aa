internal import DeskCore
internal import EventThread
internal import SystemPrimitives

/// Checks whether this process works at all: whether its event threads, which own the sockets and connections, still make progress. That
/// the check itself runs shows the same of the tasks.
///
/// Nothing else is checked, least of all the database: a process that is not live is killed, and an outage must not kill any.
public struct Liveness: Sendable {
  /// How long a thread may take for one turn. Work on these threads takes milliseconds; half of the time that the probes of `up` and of an
  /// orchestrator wait for an answer.
  public static let usualPatience = Duration.seconds(1)

  /// The pauses between two checks of the turns taken.
  private static let pauses = ExponentialBackOff(from: .milliseconds(1), upTo: .milliseconds(50), jitter: 0)

  private let patience: Duration

  /// - Parameter patience: how long to wait for each thread to take a turn.
  public init(patience: Duration = usualPatience) {
    self.patience = patience
  }

  /// Wakes every event thread and waits until each has taken a turn.
  /// - Returns: the names of those that did not respond in time, in order; immediately empty when all are live.
  public func stuckThreads() async -> [String] {
    var waiting = ThreadPulse.all.map { (pulse: $0, count: $0.count) }
    for thread in waiting { thread.pulse.prod() }
    let deadline = ContinuousClock.now + patience
    var pauses = Self.pauses
    var random = SystemRandom()
    while true {
      // A thread that has ended meanwhile counts as responsive.
      let living = Set(ThreadPulse.all.map(ObjectIdentifier.init))
      waiting.removeAll { $0.pulse.count != $0.count || !living.contains(ObjectIdentifier($0.pulse)) }
      guard !waiting.isEmpty, ContinuousClock.now < deadline, !Task.isCancelled else {
        return waiting.map(\.pulse.name).sorted()
      }
      try? await Task.sleep(for: pauses.next(using: &random))
    }
  }
}
