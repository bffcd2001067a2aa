/// When a ticket's clocks must be looked at.
public struct Deadline: Hashable, Sendable {
  /// The moment.
  public let at: Instant
  /// The ticket.
  public let ticket: TicketID

  /// Names a moment of a ticket.
  public init(at: Instant, ticket: TicketID) {
    self.at = at
    self.ticket = ticket
  }
}

/// The deadlines that come due within the next moments, out of however many there are.
///
/// It says what to read from the store, keeps a bounded number of what was found, hands out what is due, and says how long to sleep.
/// A look covers a short span around now, so that it costs the same with a thousand open deadlines and with a million, and does
/// not walk again over index entries of deadlines long told. Whatever such a look cannot see (what was entered when it was overdue
/// already, what a failure left behind) is found by a look at everything, which is taken now and then.
public struct DeadlineWindow: Sendable {
  /// How often, how far and how much.
  public struct Pace: Sendable {
    /// Between two looks.
    public let look: Duration
    /// How far a look reaches ahead; more than `look`, so that nothing comes due unseen.
    public let ahead: Duration
    /// How far a look reaches back.
    public let behind: Duration
    /// Between two looks at everything that is due.
    public let wholeLook: Duration
    /// How long the earliest deadline waits for others that share its commit.
    public let gathering: Duration
    /// Deadlines that one look takes.
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

  /// A span of time whose deadlines must be read from the store, earliest first, `limit` at most.
  public struct Look: Hashable, Sendable {
    /// Deadlines after this one; nil for all.
    public let after: Instant?
    /// Deadlines up to this one, itself among them.
    public let upTo: Instant
    /// How many.
    public let limit: Int
  }

  private let pace: Pace
  private var deadlines: ArraySlice<Deadline> = []
  private var nextLook: Instant?
  private var nextWholeLook: Instant?
  private var isFull = false
  private var wasFruitful = false

  /// Begins with a look at everything.
  public init(_ pace: Pace) {
    self.pace = pace
  }

  /// What must be read now; nil when it is too early, or something is due that was read already.
  public func look(at now: Instant) -> Look? {
    if let first = deadlines.first, first.at <= now { return nil }
    let isAgain = isFull && wasFruitful && deadlines.isEmpty
    if let nextLook, now < nextLook, !isAgain { return nil }
    let isWhole = isAgain || nextWholeLook.map { now >= $0 } ?? true
    return Look(after: isWhole ? nil : now - pace.behind, upTo: now + pace.ahead, limit: pace.limit)
  }

  /// Takes over what a look found.
  public mutating func fill(_ look: Look, with found: [Deadline], at now: Instant) {
    deadlines = found[...]
    isFull = found.count >= look.limit
    wasFruitful = false
    nextLook = now + pace.look
    if look.after == nil { nextWholeLook = now + pace.wholeLook }
  }

  /// Hands out what is due, earliest first.
  public mutating func takeDue(at now: Instant, limit: Int) -> [Deadline] {
    let due = deadlines.prefix(limit).prefix { $0.at <= now }
    deadlines = deadlines.dropFirst(due.count)
    return Array(due)
  }

  /// Notes that deadlines were told. A look that was full and fruitful is taken again at once; one that was full of what nobody can
  /// tell is not.
  public mutating func told(_ count: Int) {
    if count > 0 { wasFruitful = true }
  }

  /// Until when there is nothing to do.
  public func wake(after now: Instant) -> Instant {
    guard look(at: now) == nil, let nextLook else { return now }
    guard let first = deadlines.first else { return nextLook }
    return max(now, min(first.at + pace.gathering, nextLook))
  }
}
