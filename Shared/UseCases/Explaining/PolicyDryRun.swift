public import DeskCore
internal import PolicyReading
public import Store

/// What a policy would have decided about tickets that were routed already, compared with the policy in force.
///
/// Both decide on the same facts, so what differs is the policies' doing: the message's own words, the labels that it had, when it came,
/// which queues were full. Answers to fields are known as far as the policy of that day tested them. Nothing is changed.
public struct PolicyDryRun: Sendable, Hashable {
  /// Where a ticket is sent.
  public struct Place: Sendable, Hashable {
    /// The queue.
    public let queue: QueueID
    /// The priority.
    public let priority: Priority
  }

  /// Tickets that would have gone from one place to another.
  public struct Move: Sendable, Hashable {
    /// Where the policy in force sends them.
    public let from: Place
    /// Where the other one does.
    public let to: Place
    /// How many.
    public internal(set) var tickets: Int
    /// Some of them, newest first.
    public internal(set) var examples: [TicketID]
  }

  /// Tickets that were decided on again.
  public private(set) var examined = 0
  /// Tickets whose facts were not kept.
  public private(set) var unknown = 0
  /// Tickets that would have gone elsewhere.
  public private(set) var elsewhere = 0
  /// Where from and where to, most tickets first, at most `movesShown`.
  public private(set) var moves: [Move] = []

  /// Moves in a result, and examples of each.
  public static let movesShown = 50
  static let examplesShown = 3

  /// Decides again.
  /// - Parameters:
  ///   - policy: the policy to try.
  ///   - current: the policy in force.
  ///   - tickets: how many of the newest tickets.
  public init(of policy: Policy, against current: Policy, onNewest tickets: Int, in store: DeskStore) async throws {
    var versions: [Int32: Policy?] = [:]
    var found: [[Place]: Move] = [:]
    for past in try await store.conversations.newestRoutings(limit: tickets) {
      guard let record = RoutingRecord(past.decision) else {
        unknown += 1
        continue
      }
      if versions[record.policyVersion] == nil {
        let stored = try await store.access.policy(version: record.policyVersion)
        versions[record.policyVersion] = .some(stored.flatMap { try? $0.policy() })
      }
      guard let then = versions[record.policyVersion] ?? nil else {
        unknown += 1
        continue
      }
      var facts = record.facts(under: then)
      if let text = past.text, !text.isEmpty { facts.wording = .text(FoldedText(text)) }
      examined += 1
      let places = [Place(current.decide(facts)), Place(policy.decide(facts))]
      guard places[0] != places[1] else { continue }
      elsewhere += 1
      var move = found[places] ?? Move(from: places[0], to: places[1], tickets: 0, examples: [])
      move.tickets += 1
      if move.examples.count < Self.examplesShown { move.examples.append(past.ticket) }
      found[places] = move
    }
    moves = found.values.sorted { ($1.tickets, $0.from.queue, $0.to.queue) < ($0.tickets, $1.from.queue, $1.to.queue) }
      .prefix(Self.movesShown).map(\.self)
  }
}

extension PolicyDryRun.Place {
  init(_ decision: RoutingDecision) {
    self.init(queue: decision.queue, priority: decision.priority)
  }
}
