internal import EventThread

/// Whether this process works at all: whether its event threads, which have the sockets and the connections, still take turns. That
/// whoever asks runs shows the same of the tasks.
///
/// Nothing else is asked, the database least of all: who does not live is killed, and an outage must kill nobody.
public struct Liveness: Sendable {
  /// How long a thread may take for one turn. Work on these threads takes milliseconds; half of what the probes of `up` and of an
  /// orchestrator wait for an answer.
  public static let usualPatience = Duration.seconds(1)

  private static let pauses = (first: Duration.milliseconds(1), longest: Duration.milliseconds(50))

  private let patience: Duration

  /// - Parameter patience: how long is waited for each thread to take a turn.
  public init(patience: Duration = usualPatience) {
    self.patience = patience
  }

  /// Prods every event thread and waits until each has taken a turn.
  /// - Returns: the names of those that have not in time, in order; empty at once when all live.
  public func stuckThreads() async -> [String] {
    var waiting = ThreadPulse.all.map { (pulse: $0, count: $0.count) }
    for thread in waiting { thread.pulse.prod() }
    let deadline = ContinuousClock.now + patience
    var pause = Self.pauses.first
    while true {
      // A thread that has ended meanwhile hangs no more than one that has taken its turn.
      let living = Set(ThreadPulse.all.map(ObjectIdentifier.init))
      waiting.removeAll { $0.pulse.count != $0.count || !living.contains(ObjectIdentifier($0.pulse)) }
      guard !waiting.isEmpty, ContinuousClock.now < deadline, !Task.isCancelled else {
        return waiting.map(\.pulse.name).sorted()
      }
      try? await Task.sleep(for: pause)
      pause = min(pause * 2, Self.pauses.longest)
    }
  }
}
