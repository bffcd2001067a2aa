/// The limits of what intake commits, holds and repeats.
package enum CommitBounds {
  /// Commits in progress at once. While one waits for the disk, the other is planned and executed; more would only make them smaller.
  package static let commitsInFlight = 2
  /// Extra commits for senders who have nothing in progress while all others are at least half full: a flood's commits take long.
  package static let commitsForOthers = 1
  /// How long messages are batched after the last commit began, and how many justify a commit before that.
  package static let gatheringTime: Duration = .milliseconds(5)
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
  /// How long a message may wait for its commit before its sender is asked to retry.
  package static let commitDeadline: Duration = .seconds(8)
  /// The pause before a failed commit is retried, doubling from the first to the last.
  package static let retryPause: (first: Duration, last: Duration) = (.milliseconds(25), .seconds(1))
}
