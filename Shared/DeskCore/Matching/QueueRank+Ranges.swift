/// Waiting tickets of one class and tier whose time lies inside bounds: how a store finds those that rank before another.
public struct QueueRange: Hashable, Sendable {
  /// Class and tier, as `Ticket.rank` counts them.
  public let rank: Int16
  /// Times after this; nil: from the beginning.
  public let after: Instant?
  /// Times before this; nil: to the end.
  public let before: Instant?
}

extension QueueRank {
  /// The ranges that contain the tickets that rank before this one, ties excluded. A ticket's time is its due time, or the time since
  /// which it waits.
  /// - Parameter headStarts: those with which this ticket was ranked.
  public func rangesBefore(headStarts: HeadStarts, now: Instant) -> [QueueRange] {
    Priority.allCases.flatMap { priority in
      CustomerTier.allCases.flatMap { tier -> [QueueRange] in
        let rank = Ticket.rank(priority, tier)
        let start = headStarts.start(of: priority, tier)
        let late = QueueRange(rank: rank, after: nil, before: now + .microseconds(1))
        let inTime = QueueRange(rank: rank, after: now, before: nil)
        let pressing = QueueRange(rank: rank, after: now, before: countsAsDueAt + start)
        let older = QueueRange(rank: rank, after: nil, before: countsAsDueAt)
        let isUrgent = priority == .urgent
        switch band {
        case .urgentInTime: return isUrgent ? [pressing] : []
        case .urgentLate: return isUrgent ? [inTime] + before(late, older, rank) : []
        case .inTime: return isUrgent ? [late, inTime] : [pressing]
        case .late: return isUrgent ? [late, inTime] : [inTime] + before(late, older, rank)
        }
      }
    }
  }

  private func before(_ late: QueueRange, _ older: QueueRange, _ other: Int16) -> [QueueRange] {
    other < rank ? [late] : other == rank ? [older] : []
  }
}
