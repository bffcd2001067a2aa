/// When a ticket's clocks must be checked.
public struct Deadline: Hashable, Sendable {
  /// The time.
  public let at: Instant
  /// The ticket.
  public let ticket: TicketID

  /// Creates a deadline of a ticket.
  public init(at: Instant, ticket: TicketID) {
    self.at = at
    self.ticket = ticket
  }
}

/// The deadlines that are due soon, out of however many are open.
///
/// It determines what to read from the store, keeps a bounded number of the rows found, returns the due ones, and says how long to sleep.
/// A scan covers a short span around now, so that it costs the same with a thousand open deadlines and with a million, and does not
/// revisit index entries of deadlines notified long ago. Deadlines that such a scan cannot see (already overdue when entered, or left
/// behind by a failure) are found by an occasional full scan.
public struct DeadlineWindow: Sendable {
  /// How often, how far and how much to scan.
  public struct Pace: Sendable {
    /// The time between two scans.
    public let look: Duration
    /// How far a scan reaches ahead; more than `look`, so that no deadline is missed.
    public let ahead: Duration
    /// How far a scan reaches back.
    public let behind: Duration
    /// The time between two full scans of everything that is due.
    public let wholeLook: Duration
    /// How long the earliest deadline waits for others that share its commit.
    public let gathering: Duration
    /// Deadlines read by one scan.
    public let limit: Int

    /// Describes a pace.
    public init(
      look: Duration, ahead: Duration, behind: Duration, wholeLook: Duration, gathering: Duration, limit: Int
    ) {
      self.look = look
      self.ahead = ahead
      self.behind = behind
      self.wholeLook = wholeLook
      self.gathering = gathering
      self.limit = limit
    }
  }

  /// A span of time whose deadlines must be read from the store, earliest first, at most `limit`.
  public struct Look: Hashable, Sendable {
    /// Deadlines after this one; nil for all.
    public let after: Instant?
    /// Deadlines up to and including this one.
    public let upTo: Instant
    /// The maximum number.
    public let limit: Int
  }

  private let pace: Pace
  private var deadlines: ArraySlice<Deadline> = []
  private var nextLook: Instant?
  private var nextWholeLook: Instant?
  private var isFull = false
  private var wasFruitful = false

  /// Starts with a full scan.
  public init(_ pace: Pace) {
    self.pace = pace
  }

  /// Returns what to read now; nil when it is too early, or when deadlines already read are due.
  public func look(at now: Instant) -> Look? {
    if let first = deadlines.first, first.at <= now { return nil }
    let isAgain = isFull && wasFruitful && deadlines.isEmpty
    if let nextLook, now < nextLook, !isAgain { return nil }
    let isWhole = isAgain || nextWholeLook.map { now >= $0 } ?? true
    return Look(after: isWhole ? nil : now - pace.behind, upTo: now + pace.ahead, limit: pace.limit)
  }

  /// Takes over the result of a scan.
  public mutating func fill(_ look: Look, with found: [Deadline], at now: Instant) {
    deadlines = found[...]
    isFull = found.count >= look.limit
    wasFruitful = false
    nextLook = now + pace.look
    if look.after == nil { nextWholeLook = now + pace.wholeLook }
  }

  /// Returns the due deadlines, earliest first.
  public mutating func takeDue(at now: Instant, limit: Int) -> [Deadline] {
    let due = deadlines.prefix(limit).prefix { $0.at <= now }
    deadlines = deadlines.dropFirst(due.count)
    return Array(due)
  }

  /// Records that deadlines were notified. A scan that was full and led to notifications is repeated at once; one that was full of
  /// deadlines that cannot be notified is not.
  public mutating func notified(_ count: Int) {
    if count > 0 { wasFruitful = true }
  }

  /// The time until which there is nothing to do.
  public func wake(after now: Instant) -> Instant {
    guard look(at: now) == nil, let nextLook else { return now }
    guard let first = deadlines.first else { return nextLook }
    return max(now, min(first.at + pace.gathering, nextLook))
  }
}
