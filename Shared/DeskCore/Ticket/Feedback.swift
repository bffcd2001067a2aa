/// The name of an article.
public typealias ArticleID = Key<Article>

/// What a customer says of a settled ticket.
public struct Judgement: Hashable, Sendable {
  /// The ratings a customer can give.
  public static let ratings = 1...5

  /// Whether it is solved.
  public let solved: Bool
  /// How content the customer is, 1 to 5; nil for no word on it.
  public let rating: Int?
  /// The customer's words about it, kept as a message like all words.
  public let comment: MessageID?
  /// Ratings below this are followed up.
  public let followUpBelow: Int
  /// Who leads the team that served the ticket.
  public let lead: AgentID?

  /// Describes a judgement. `rating`, where there is one, lies in `ratings`.
  public init(solved: Bool, rating: Int?, comment: MessageID?, followUpBelow: Int, lead: AgentID?) {
    precondition(rating.map { Judgement.ratings.contains($0) } ?? true, "a rating lies in 1...5")
    self.solved = solved
    self.rating = rating
    self.comment = comment
    self.followUpBelow = followUpBelow
    self.lead = lead
  }

  /// Whether somebody must look at it.
  var isLow: Bool { rating.map { $0 < followUpBelow } ?? false }
}

/// A judgement as it is kept.
public struct Rating: Hashable, Sendable {
  /// What the customer said.
  public let judgement: Judgement
  /// Who served the ticket; nil for one that an article answered.
  public let agent: AgentID?
  /// The queue it was in.
  public let queue: QueueID?
  /// What it was about.
  public let category: String?
}

/// That somebody must look at why a customer is not content.
public struct FollowUp: Hashable, Sendable {
  /// Who leads the team; nil where the team has no lead.
  public let lead: AgentID?
  /// The rating that caused it.
  public let rating: Int
}
