public import DeskCore

/// The period of a report: it covers the tickets opened on its days.
public struct ReportPeriod: Sendable, Hashable {
  /// A day of the period's time zone.
  public struct Day: Sendable, Hashable {
    /// The date, as 2026-03-02.
    public let name: String
    /// When it begins.
    public let start: Instant

    /// Creates a day.
    public init(name: String, start: Instant) {
      self.name = name
      self.start = start
    }
  }

  /// The days in sequence, oldest first; at least one. Each ends where the next one begins. The database receives these timestamps
  /// and not the zone's name, so that it counts by the same days whatever tz tables it has.
  public let days: [Day]
  /// The end of the last day.
  public let end: Instant
  /// The time zone in which days begin, by its name in the tz database; for readers.
  public let zone: String

  /// The beginning of the first day.
  public var start: Instant { days.first?.start ?? end }

  /// Creates a period.
  public init(days: [Day], end: Instant, zone: String) {
    self.days = days
    self.end = end
    self.zone = zone
  }
}

/// Waiting times of customers.
public struct ReportWait: Sendable, Hashable {
  /// Tickets with a result.
  public let tickets: Int64
  /// Half of them waited at most this long, in seconds from the opening; nil if there were none.
  public let medianSeconds: Double?
  /// Nine of ten waited at most this long.
  public let p90Seconds: Double?

  /// Creates waiting times.
  public init(tickets: Int64, medianSeconds: Double?, p90Seconds: Double?) {
    self.tickets = tickets
    self.medianSeconds = medianSeconds
    self.p90Seconds = p90Seconds
  }
}

/// A share of tickets.
public struct ReportShare: Sendable, Hashable {
  /// The tickets that match.
  public let tickets: Int64
  /// All tickets considered, including those that match.
  public let of: Int64

  /// From 0 to 1; nil if there are no tickets.
  public var share: Double? { of > 0 ? Double(tickets) / Double(of) : nil }

  /// Creates a share.
  public init(_ tickets: Int64, of: Int64) {
    self.tickets = tickets
    self.of = of
  }
}

/// The current outcome of one group's tickets.
public struct ReportRow: Sendable, Hashable {
  /// The group's key; nil for tickets without it (no queue yet, no agent ever).
  public let group: String?
  /// Tickets that were opened.
  public let tickets: Int64
  /// Messages that their customers wrote.
  public let messages: Int64
  /// Time to the first answer, by an agent or an article.
  public let firstAnswer: ReportWait
  /// Time until an agent first accepted it.
  public let agent: ReportWait
  /// Time until it was last settled.
  public let resolution: ReportWait
  /// First responses in time, of those that were given or are overdue. (An agent's reply is one; a ticket that an article
  /// settled needs none.)
  public let firstResponsesKept: ReportShare
  /// Tickets that ended before a first response was given, and before it was due: neither met nor breached.
  public let firstUnanswered: Int64
  /// Tickets whose every next response was in time, of those whose newest one was given or of which one was late.
  public let nextResponsesKept: ReportShare
  /// Tickets that ended while the customer waited for a further response that was not yet overdue.
  public let nextUnanswered: Int64
  /// Resolutions in time, of those that were reached or are overdue.
  public let resolutionsKept: ReportShare
  /// Settled tickets, of all. (Merged or rejected is not settled.)
  public let resolved: ReportShare
  /// Tickets that were reopened after being settled or answered by an article, of those that ever were.
  public let reopened: ReportShare
  /// Tickets that an article settled or answered and that no agent ever accepted, of all.
  public let selfService: ReportShare
  /// Tickets of customers who came back within `StoreBounds.repeatContact` after their last ticket, or their
  /// person's last on any channel, had ended, of all.
  public let repeatContacts: ReportShare
  /// Call-backs in time, of those that were done or are overdue.
  public let callBacksKept: ReportShare
  /// Ratings, 1 to 5.
  public let ratings: Int64
  /// Their mean; nil if there is none.
  public let meanRating: Double?
}

/// The outcome of the tickets opened in a period.
public struct TicketReport: Sendable, Hashable {
  /// The grouping of the rows.
  public let grouping: ReportGrouping
  /// The period that it covers.
  public let period: ReportPeriod
  /// Days in order; other groups by number of tickets, largest first.
  public let rows: [ReportRow]
  /// All tickets together; its group is nil.
  public let total: ReportRow

  /// Creates a report.
  public init(grouping: ReportGrouping, period: ReportPeriod, rows: [ReportRow], total: ReportRow) {
    self.grouping = grouping
    self.period = period
    self.rows = rows
    self.total = total
  }
}
