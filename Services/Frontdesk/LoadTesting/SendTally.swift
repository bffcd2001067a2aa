import DeskReporting
import SystemPrimitives

/// The counts of a send run so far. Every sending task updates them, and the progress line reads them.
final class SendTally: Sendable {
  /// A snapshot of the counts; all of messages, except `repetitions`, which are requests.
  struct Counts: Sendable {
    var sent = 0
    var acknowledged = 0
    var duplicates = 0
    var refused = 0
    /// Abandoned without an answer.
    var abandoned = 0
    var repetitions = 0
    var latency = LatencyRecord()
    /// The number of failures per reason.
    var reasons: [String: Int] = [:]

    /// Messages that were not stored.
    var unacknowledged: Int { refused + abandoned }

    /// The most frequent reasons first.
    var leadingReasons: [(reason: String, times: Int)] {
      reasons.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(LoadBounds.reasonsKept).map {
        ($0.key, $0.value)
      }
    }
  }

  private let state = PthreadMutex(Counts())

  var counts: Counts { state.withLock { $0 } }

  func sent(_ messages: Int) {
    state.withLock { $0.sent += messages }
  }

  /// Records a request's answer.
  /// - Parameters:
  ///   - latency: from when the request was due, or sent, to now.
  func answered(_ fates: [MessageFate], latency: Duration) {
    state.withLock { counts in
      var acknowledged = 0
      for fate in fates {
        switch fate {
        case .acknowledged(_, _, let isDuplicate):
          acknowledged += 1
          if isDuplicate { counts.duplicates += 1 }
        case .refused(let reason):
          counts.refused += 1
          counts.note(reason)
        case .later(let reason):
          counts.note(reason)
        }
      }
      counts.acknowledged += acknowledged
      if acknowledged > 0 { counts.latency.record(latency, times: acknowledged) }
    }
  }

  func repeated() {
    state.withLock { $0.repetitions += 1 }
  }

  func abandoned(_ messages: Int) {
    state.withLock { $0.abandoned += messages }
  }
}

extension SendTally.Counts {
  fileprivate mutating func note(_ reason: String) {
    // Reasons are codes; the bound applies should one ever contain more.
    guard reasons[reason] != nil || reasons.count < LoadBounds.reasonsKept * 8 else { return }
    reasons[reason, default: 0] += 1
  }
}
