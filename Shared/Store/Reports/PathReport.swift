/// The steps of the path of service. Every ticket is at one node of each.
public enum PathStep: String, Sendable, Hashable, CaseIterable {
  /// The channel it was opened on.
  case channel
  /// Its newest category.
  case label
  /// Its last queue.
  case queue
  /// How many agents had it: `0`, `1`, or `2+`.
  case hands
  /// Its end, a `PathEnd`.
  case end
}

/// Where a ticket ended, or what it waits for.
public enum PathEnd: String, Sendable, Hashable, CaseIterable {
  /// An article answered it, no agent had it, and it is settled.
  case solvedByArticle = "solved_by_article"
  /// Settled, and the customer confirmed it.
  case confirmed
  /// Settled, and the customer may still confirm or reopen it.
  case resolved
  /// Closed without the customer's word.
  case closedUnconfirmed = "closed_unconfirmed"
  /// Merged into another ticket.
  case merged
  /// It could not be processed.
  case rejected
  /// An article answered it, and the customer has not said whether that helped.
  case answered
  /// Everything else.
  case open
}

/// A node of the path: the tickets of one value of a step.
public struct PathNode: Sendable, Hashable {
  /// The value of a step; nil for tickets without one. `isRest` for all values beyond the most frequent.
  public struct Value: Sendable, Hashable {
    public let name: String?
    public let isRest: Bool

    /// Creates a value.
    public init(_ name: String?, isRest: Bool = false) {
      self.name = name
      self.isRest = isRest
    }
  }

  public let step: PathStep
  public let value: Value
  public let tickets: Int64
  /// The median time that ends with this step, in seconds: label, from the opening to the first decision; queue, from there to the first
  /// acceptance by an agent; hands, the agents' handle time; end, from the opening to the end. Nil for channels, and where no ticket has
  /// one.
  public let medianSeconds: Double?
}

/// The tickets that went from one node to one of the next step.
public struct PathLink: Sendable, Hashable {
  /// The step of `from`.
  public let step: PathStep
  public let from: PathNode.Value
  public let to: PathNode.Value
  public let tickets: Int64
}

/// Tickets that did not get to a step: without a label, then without a queue, then without an agent, then without a settlement. Each ticket
/// is lost at most once, at the first step that it did not reach.
public struct PathLoss: Sendable, Hashable {
  /// The step that they did not reach.
  public let step: PathStep
  /// Where they are instead.
  public let end: PathEnd
  public let tickets: Int64
}

/// The path of service of the tickets opened in a period.
///
///
/// The nodes of each step, and the links between two steps, add up to all tickets; the losses and the tickets that reached the last step
/// do, too.
public struct PathReport: Sendable, Hashable {
  public let tickets: Int64
  /// In the sequence of steps, the largest first.
  public let nodes: [PathNode]
  public let links: [PathLink]
  public let losses: [PathLoss]

  /// Creates a report.
  public init(tickets: Int64, nodes: [PathNode], links: [PathLink], losses: [PathLoss]) {
    self.tickets = tickets
    self.nodes = nodes
    self.links = links
    self.losses = losses
  }

  /// The tickets that reached a step: all at the first one, less those lost at each.
  public func reached(_ step: PathStep) -> Int64 {
    let passed = PathStep.allCases.prefix { $0 != step } + [step]
    return tickets - losses.filter { passed.contains($0.step) }.reduce(0) { $0 + $1.tickets }
  }
}
