/// When agents in reserve are called to a queue, and when they are sent back.
public struct ReserveCallRule: Hashable, Sendable {
  /// Whether anybody is called.
  public var isOn: Bool
  /// How long the oldest ticket may wait, while nobody has room for it, before an agent is called whatever its target.
  public var oldest: Duration
  /// How long a queue must have been calm before anybody is sent back.
  public var quiet: Duration
  /// Between two calls to a queue, and between two times that someone is sent back: what was decided last must show first.
  public var apart: Duration

  /// Describes the rule.
  public init(
    isOn: Bool = true, oldest: Duration = .seconds(10 * 60), quiet: Duration = .seconds(5 * 60),
    apart: Duration = .seconds(2 * 60)
  ) {
    self.isOn = isOn
    self.oldest = oldest
    self.quiet = quiet
    self.apart = apart
  }

  /// How long someone who was called counts as coming. The call stays open afterwards, but others may be called too.
  public static let answerTime: Duration = .seconds(3 * 60)
  /// How long someone who was sent back is not called again while the rule looks for others.
  public static let rest: Duration = .seconds(15 * 60)
  /// A ticket due sooner than this is not helped by a call.
  public static let arrivalTime: Duration = .seconds(60)
  /// How much faster than required those who were not called must work before a queue counts as calm: between this and 1 nothing changes.
  public static let calmMargin = 1.25
  /// The share of those who work, or were called, that is called or sent back at once; at least one.
  public static let stepShare = 0.2

  /// How many may be called or sent back at once.
  static func step(of agents: Int) -> Int { max(1, Int((Double(agents) * stepShare).rounded(.up))) }
}

/// What a queue needs from the reserve now.
public struct ReserveNeed: Hashable, Sendable {
  public let queue: QueueID
  /// Tickets that wait and for which no available agent has room; counted up to those that were read.
  public let waiting: Int
  /// How many of them will miss their targets at the present pace.
  public let late: Int
  /// The ticket that waits longest of them.
  public let example: TicketID?
  /// How many agents are missing, before the step limits them; 0 when none is.
  public let missing: Int
  /// Why; nil when none is missing.
  public let reason: ReserveCall.Reason?
  /// Whether those who were not called would suffice with a margin.
  let isCalm: Bool
  /// The tickets that someone who is called should be able to take.
  let uncovered: ArraySlice<WaitingTicket>
}

extension ReserveCallRule {
  /// Returns what a queue needs.
  ///
  /// The ticket at position *i* of the queue's order is expected to wait *i* / pace (`WaitEstimator`), so it is in time if the pace is at
  /// least *i* / (time to its deadline). The greatest such quotient is the pace that the queue requires, and an agent brings what those who
  /// work now bring each. Tickets that are late already, or will be before anyone can come, cannot be saved and ask for nothing.
  func need(of queue: ReserveSituation.Queue, now: Instant) -> ReserveNeed {
    let uncovered = queue.uncovered
    let perAgent = queue.working > 0 ? queue.pace / Double(queue.working) : 0
    let pace = queue.pace + perAgent * Double(queue.coming)
    var (required, late) = (0.0, 0)
    for (index, ticket) in uncovered.enumerated() {
      guard let due = ticket.dueAt, due > now else { continue }
      let left = due - now
      if left > Self.arrivalTime { required = max(required, Double(index + 1) / left.inSeconds) }
      let wait = WaitEstimator.expectedWait(atPosition: index + 1, pace: pace)
      if wait.map({ $0 > left }) ?? true { late += 1 }
    }
    let oldest = uncovered.min { ($0.waitingSince, $0.id) < ($1.waitingSince, $1.id) }
    let isOverdue = oldest.map { now - $0.waitingSince >= self.oldest } ?? false
    var (missing, reason) = (0, ReserveCall.Reason?.none)
    if perAgent > 0, required > pace {
      missing = Int(min(((required - pace) / perAgent).rounded(.up), Double(Int32.max)))
      reason = .latenessExpected
    } else if queue.coming == 0, !uncovered.isEmpty, queue.available == 0 || isOverdue {
      (missing, reason) = (1, queue.available == 0 ? .unstaffed : .oldestWaits)
    }
    let own = queue.pace - perAgent * Double(min(queue.workingCalled, queue.working))
    let isCalm = uncovered.isEmpty || (!isOverdue && own > 0 && required * Self.calmMargin <= own)
    return ReserveNeed(
      queue: queue.id, waiting: uncovered.count, late: late, example: oldest?.id, missing: missing, reason: reason,
      isCalm: isCalm, uncovered: uncovered)
  }
}
