/// The limits of what intake commits, holds and repeats.
package enum CommitBounds {
  /// Commits in progress at once. While one waits for the disk, the other is planned and executed; more would only make them smaller.
  package static let commitsInFlight = 2
  /// Extra commits for senders who have nothing in progress while all others are at least half full: a flood's commits take long.
  package static let commitsForOthers = 1
  /// How long messages are batched after the last commit began: this many times as long as a commit takes, within these limits; and how
  /// many justify a commit before that. No later stage gathers again.
  package static let gatheringPerCommitTime = 1.5
  package static let shortestGathering: Duration = .milliseconds(4)
  package static let longestGathering: Duration = .milliseconds(8)
  package static let messagesWorthACommit = 64
  /// Messages in one commit.
  package static let messagesPerCommit = StoreBounds.messagesPerAccept
  /// Bytes of the messages in one commit; a larger message is committed alone.
  package static let bytesPerCommit = 8 << 20
  /// Messages that wait for a commit or are in one.
  package static let messagesPending = 20_000
  /// Bytes of the pending messages.
  package static let bytesPending = 64 << 20
  /// The same per sender, so that one cannot take the room of all others.
  package static let messagesPendingPerSender = messagesPending / 4
  package static let bytesPendingPerSender = bytesPending / 4
  /// The part of these limits, one in this many, that must be free for a sender's requests to be read at all.
  package static let sharesWorthReading = 100
  /// How long a message may wait for its commit before its sender is asked to retry.
  package static let commitDeadline: Duration = .seconds(8)
  /// Messages on the link from which on commits wait for workers that make progress; half of what it may hold in a fault.
  package static let linkDepth = 10_000
  /// Messages that it may have in any case, so that its workers are never without work.
  package static let linkShallow = 1024
  /// The work that a deep link may have ahead of it: far less than the age at which it gives messages up.
  package static let linkWorkAhead: Duration = .seconds(2)
  /// How long workers may finish fewer messages a second than this before the link counts as faulty, and commits wait for it no more.
  package static let linkStallTime: Duration = .seconds(2)
  package static let linkSlowestPerSecond = 250.0
  /// How often commits that wait for the link look at it again.
  package static let linkInterval: Duration = .milliseconds(5)
  /// How long a message may wait for the link before its sender is asked to retry.
  package static let linkPatience: Duration = .seconds(4)
  /// The pause before a failed commit is retried, doubling from the first to the last.
  package static let retryPause: (first: Duration, last: Duration) = (.milliseconds(25), .seconds(1))
}
