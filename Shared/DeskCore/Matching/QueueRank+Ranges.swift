/// Waiting tickets of one class and tier whose moment lies inside bounds: how a store finds those that come before another.
public struct QueueRange: Hashable, Sendable {
  /// Class and tier, as `Ticket.rank` counts them.
  public let rank: Int16
  /// Moments after this; nil: from the beginning.
  public let after: Instant?
  /// Moments before this; nil: to the end.
  public let before: Instant?
}

extension QueuePlace {
  /// The ranges in which the tickets lie that come before this place, ties left aside. A ticket's moment is the promised one, or since
  /// when it waits.
  public func rangesBefore(now: Instant) -> [QueueRange] {
    Priority.allCases.flatMap { priority in
      CustomerTier.allCases.flatMap { tier -> [QueueRange] in
        let rank = Int16(priority.rawValue * 4 + tier.rank)
        let start = QueuePlace.headStart(priority, tier)
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
