/// The name of an article.
public typealias ArticleID = Key<Article>

/// A customer's feedback on a settled ticket.
public struct Feedback: Hashable, Sendable {
  /// The ratings a customer can give.
  public static let ratings = 1...5

  /// Whether the issue is solved.
  public let solved: Bool
  /// The customer's satisfaction, 1 to 5; nil if not given.
  public let rating: Int?
  /// The customer's comment, stored as a message like all text.
  public let comment: MessageID?
  /// Ratings below this are followed up.
  public let followUpBelow: Int
  /// The lead of the team that served the ticket.
  public let lead: AgentID?

  /// Creates feedback. `rating`, if given, lies in `ratings`.
  public init(solved: Bool, rating: Int?, comment: MessageID?, followUpBelow: Int, lead: AgentID?) {
    precondition(rating.map { Feedback.ratings.contains($0) } ?? true, "a rating lies in 1...5")
    self.solved = solved
    self.rating = rating
    self.comment = comment
    self.followUpBelow = followUpBelow
    self.lead = lead
  }

  /// Whether the rating needs a follow-up.
  var isLow: Bool { rating.map { $0 < followUpBelow } ?? false }
}

/// Feedback as it is stored.
public struct Rating: Hashable, Sendable {
  /// The customer's feedback.
  public let feedback: Feedback
  /// The agent who served the ticket; nil for one that an article answered.
  public let agent: AgentID?
  /// The queue that the ticket was in.
  public let queue: QueueID?
  /// The ticket's category.
  public let category: String?
}

/// A request to find out why a customer is dissatisfied.
public struct FollowUp: Hashable, Sendable {
  /// The lead of the team; nil if the team has no lead.
  public let lead: AgentID?
  /// The rating that caused it.
  public let rating: Int
}
