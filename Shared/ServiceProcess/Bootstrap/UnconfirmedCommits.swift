internal import ServiceHealth

/// The commits of this process that no synchronous standby has confirmed, and what is reported of them. Pure: timestamps are arguments.
///
/// Each one failed, and its caller was asked to repeat. One alone is reported: it takes a standby that has stopped, or
/// somebody who cancelled a session, to cause it.
struct UnconfirmedCommits: Sendable, Equatable {
  /// What must be logged now.
  enum Report: Sendable, Equatable {
    case quiet
    /// There are new ones; `commits` counts since `lasting`.
    case warning(commits: Int, lasting: Duration)
    /// There were none for `quietTime`.
    case recovery(commits: Int, lasting: Duration)
  }

  private struct Episode: Equatable {
    let since: ContinuousClock.Instant
    var latest: ContinuousClock.Instant
    var commits: Int
    var nextWarning: ContinuousClock.Instant
  }

  /// How long there must be no new one until they are over.
  static let quietTime = TaskBounds.warningPause

  private var total = 0
  private var episode: Episode?

  /// Commits since the first of the ones that are not over; 0 if there are none.
  var commits: Int { episode?.commits ?? 0 }

  /// The time since the first of them.
  func lasting(at now: ContinuousClock.Instant) -> Duration { episode.map { now - $0.since } ?? .zero }

  /// Takes over the count since the start of the process.
  mutating func note(total: Int, at now: ContinuousClock.Instant) -> Report {
    let new = total - self.total
    self.total = total
    guard new > 0 else { return end(at: now) }
    var current = episode ?? Episode(since: now, latest: now, commits: 0, nextWarning: now)
    current.latest = now
    current.commits += new
    let isDue = now >= current.nextWarning
    if isDue { current.nextWarning = now + TaskBounds.warningPause }
    episode = current
    return isDue ? .warning(commits: current.commits, lasting: now - current.since) : .quiet
  }

  private mutating func end(at now: ContinuousClock.Instant) -> Report {
    guard let ended = episode, now - ended.latest >= Self.quietTime else { return .quiet }
    episode = nil
    return .recovery(commits: ended.commits, lasting: ended.latest - ended.since)
  }
}
