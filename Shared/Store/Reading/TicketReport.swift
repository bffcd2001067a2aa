public import DeskCore

/// What a report tells tickets apart by.
public enum ReportGrouping: String, Sendable, Hashable, CaseIterable {
  /// The day on which it was opened, one of the period's.
  case day
  /// The queue it waits in or was in last.
  case queue
  /// The way in.
  case channel
  /// What it is about, by its newest label.
  case category
  /// The customer's standing when it was opened.
  case tier
  /// The agent who has it or had it last.
  case agent
}

/// Of which tickets a report speaks: those that were opened in some days.
public struct ReportPeriod: Sendable, Hashable {
  /// A day of the period's time zone.
  public struct Day: Sendable, Hashable {
    /// The date, as 2026-03-02.
    public let name: String
    /// When it begins.
    public let start: Instant

    /// Describes a day.
    public init(name: String, start: Instant) {
      self.name = name
      self.start = start
    }
  }

  /// The days, one behind the other, oldest first; one at least. Each ends where the next one begins. The database is handed these moments
  /// and not the zone's name, so that it counts by the same days whatever tables it has.
  public let days: [Day]
  /// The moment after the last day.
  public let end: Instant
  /// The time zone in which days begin, by its name in the tz database; for readers.
  public let zone: String

  /// The first moment.
  public var start: Instant { days.first?.start ?? end }

  /// Describes a period.
  public init(days: [Day], end: Instant, zone: String) {
    self.days = days
    self.end = end
    self.zone = zone
  }
}

/// How long customers waited for something.
public struct ReportWait: Sendable, Hashable {
  /// Tickets that got it.
  public let tickets: Int64
  /// Half of them waited at most this long, in seconds from the opening; nil where none got it.
  public let medianSeconds: Double?
  /// Nine of ten waited at most this long.
  public let p90Seconds: Double?

  /// Describes waits.
  public init(tickets: Int64, medianSeconds: Double?, p90Seconds: Double?) {
    self.tickets = tickets
    self.medianSeconds = medianSeconds
    self.p90Seconds = p90Seconds
  }
}

/// Tickets of a kind among others.
public struct ReportShare: Sendable, Hashable {
  /// Those that are meant.
  public let tickets: Int64
  /// Those that are looked at, the first among them.
  public let of: Int64

  /// From 0 to 1; nil where there is nothing to look at.
  public var share: Double? { of > 0 ? Double(tickets) / Double(of) : nil }

  /// Describes a share.
  public init(_ tickets: Int64, of: Int64) {
    self.tickets = tickets
    self.of = of
  }
}

/// What became of the tickets of one group, as the database has it now.
public struct ReportRow: Sendable, Hashable {
  /// What they have in common; nil for tickets without it (no queue yet, no agent ever).
  public let group: String?
  /// Tickets that were opened.
  public let tickets: Int64
  /// Messages that their customers wrote.
  public let messages: Int64
  /// Until the first answer, by an agent or an article.
  public let firstAnswer: ReportWait
  /// Until an agent first took it.
  public let agent: ReportWait
  /// Until it was settled last.
  public let resolution: ReportWait
  /// First responses in time, of those that came or are late. (An agent's reply is one; a ticket that an article
  /// settled needs none.)
  public let firstResponsesKept: ReportShare
  /// Tickets that ended before a first response was given, and before it was late: neither kept nor broken.
  public let firstUnanswered: Int64
  /// Tickets whose every next response was in time, of those whose newest one came or of which one was late.
  public let nextResponsesKept: ReportShare
  /// Tickets that ended while the customer waited for a further response that was not late yet.
  public let nextUnanswered: Int64
  /// Resolutions in time, of those that came or are late.
  public let resolutionsKept: ReportShare
  /// Tickets that are settled, of all. (Merged into another, or rejected, is not settled.)
  public let resolved: ReportShare
  /// Tickets that came back after they had been settled or answered by an article, of those that ever were.
  public let reopened: ReportShare
  /// Tickets that an article settled or answered and that no agent ever took, of all.
  public let selfService: ReportShare
  /// Tickets of customers who came back within `StoreBounds.repeatContact` after their last ticket had ended, of all.
  public let repeatContacts: ReportShare
  /// Ratings, 1 to 5.
  public let ratings: Int64
  /// Their mean; nil where there is none.
  public let meanRating: Double?
}

/// What became of the tickets that were opened in a time.
public struct TicketReport: Sendable, Hashable {
  /// What tells the rows apart.
  public let grouping: ReportGrouping
  /// Of which tickets it speaks.
  public let period: ReportPeriod
  /// Days in their order; other groups by the number of their tickets, the greatest first.
  public let rows: [ReportRow]
  /// All tickets together; its group is nil.
  public let total: ReportRow

  /// Describes a report.
  public init(grouping: ReportGrouping, period: ReportPeriod, rows: [ReportRow], total: ReportRow) {
    self.grouping = grouping
    self.period = period
    self.rows = rows
    self.total = total
  }
}
