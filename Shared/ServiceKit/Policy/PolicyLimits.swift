/// The bounds that a policy file must keep, all in one place.
public enum PolicyLimits {
  /// The largest file, in bytes.
  public static let bytes = 1 << 20
  /// How many mistakes are kept; the rest is only counted.
  public static let mistakes = 200
  /// How deep conditions may be nested.
  public static let conditionDepth = 16
  /// How many parts, values or words one condition may list.
  public static let conditionParts = 1_000
  /// How many words of the file may look like an alias (`*name`) before the file is refused unread, because a chain of
  /// aliases grows without bound while it is composed. Fewer are refused one by one, each at its place.
  public static let aliasLikeWords = 16
  /// How many agents a policy may declare.
  public static let agents = 20_000
  /// Among how many names a likely one is looked for when a name is unknown; the search looks at every letter of each.
  public static let namesCompared = 500
  /// How many entries any other section may have.
  public static let entries = 2_000
  /// The longest title, word or category, in characters.
  public static let textCharacters = 200
  /// The longest address of a hook, in characters.
  public static let addressCharacters = 2_048
  /// How many secrets a hook may carry at once.
  public static let secrets = 4
  /// Warnings before a breach.
  public static let warnings = 9
  /// Rungs of an escalation ladder.
  public static let escalationSteps = 20
  /// The capacity of an agent, in weight.
  public static let capacity: ClosedRange<Int> = 1...1_000
  /// The weight of a channel's tickets.
  public static let weight: ClosedRange<Int> = 1...1_000
  /// Deliveries under way to one hook at once.
  public static let parallelDeliveries: ClosedRange<Int> = 1...64
  /// Every how manieth offer may be the turn of the most overdue ticket.
  public static let overdueTurn: ClosedRange<Int> = 2...1_000
  /// How many tickets a queue with a limit may hold.
  public static let queueLimit: ClosedRange<Int> = 1...1_000_000
  /// How long an offer may stay open.
  public static let offerTime: ClosedRange<Duration> = .seconds(1)...(.seconds(3_600))
  /// How long an agent may leave a customer without a reply.
  public static let reclaimAfter: ClosedRange<Duration> = .seconds(10)...(.seconds(30 * 86_400))
  /// Tickets of one kind that a quarter of an hour must bring at least to be hot.
  public static let hotIssueTickets: ClosedRange<Int> = 2...1_000_000
  /// Articles, the ways of asking and the steps of each, and the characters of an answer, a question or a step.
  public static let articles = 500
  public static let articleLines = 50
  public static let articleCharacters = 4_000
  /// Files of articles beside a policy, one for each language of an article, and the bytes of one.
  public static let articleFiles = 1_000
  public static let articleFileBytes = 1 << 16
  /// Any other time that a policy states.
  public static let time: ClosedRange<Duration> = .zero...(.seconds(3_650 * 86_400))
  /// The years whose clock changes are known to calendars, and in which their dates may lie.
  public static let years: ClosedRange<Int> = 2020...2040
}

/// What holds where the policy says nothing.
public enum PolicyDefaults {
  /// How long an agent has to answer an offer.
  public static let offerTime: Duration = .seconds(30)
  /// How long after resolving a message reopens the ticket.
  public static let reopenWindow: Duration = .seconds(72 * 3_600)
  /// How much of a capacity a channel's ticket takes.
  public static let weight = 1
  /// How much an agent carries.
  public static let capacity = 5
  /// Deliveries under way to one hook at once.
  public static let parallelDeliveries = 4
}
