public import DeskCore
import RealModule

/// A recording as a scenario: what came, as it came, under any policy and with any number of agents and router workers.
///
/// What was recorded stays: when tickets came and what the classifier said about them, how long agents worked on each and until their first
/// reply, who was present when. What the desk decides is simulated: queue, priority, deadlines, order, offers. Three things can only be
/// inferred. How long a customer would have waited who did not give up: at least as long as they did, and beyond that like all others
/// (exponential, with the rate of those who gave up over all waiting, which is its maximum-likelihood estimate under censoring). How an
/// agent would have answered an offer that was never made: as they answered others. How long a ticket would have taken that nobody had: as
/// long as others did.
public struct RecordingReplay: Sendable {
  /// Tickets that took no agent's time and are not replayed.
  public struct Omitted: Hashable, Sendable {
    /// Settled by an article alone.
    public var byArticle = 0
    /// Merged or rejected before an agent had them, or not decided when it was recorded.
    public var withoutWork = 0
  }

  public let recording: Recording
  public private(set) var omitted = Omitted()
  /// The tickets that are replayed, in the order of their opening.
  let tickets: [RecordedTicket]

  public init(_ recording: Recording) {
    self.recording = recording
    var omitted = Omitted()
    tickets = recording.tickets.filter { ticket in
      if !ticket.hands.isEmpty { return ticket.decision != nil }
      if ticket.end?.how == .article || ticket.end == nil && ticket.decision?.isByArticle == true {
        omitted.byArticle += 1
        return false
      }
      let isWork = ticket.decision != nil && (ticket.end == nil || ticket.end?.how == .abandoned)
      omitted.withoutWork += isWork ? 0 : 1
      return isWork
    }
    self.omitted = omitted
  }

  /// Tickets that were open at the start: they are replayed as if they came then, and not counted.
  public var carriedOver: Int { tickets.count { $0.opened < 0 } }

  /// The scenario.
  /// - Parameters:
  ///   - policy: the policy that decides; its agents are replaced by the recorded ones.
  ///   - recordedPolicy: the policy of the recording, by whose word lists the words of messages are known; nil: rules that look for words
  ///     match nothing.
  ///   - routers: router workers; nil for as many as were recorded.
  ///   - staffing: changes of the number of agents.
  public func scenario(
    under policy: Policy, recordedUnder recordedPolicy: Policy? = nil, routers: Int? = nil,
    staffing: [StaffingChange] = []
  ) -> Scenario {
    var scenario = Scenario(
      start: recording.stretch.from, length: recording.stretch.length, policy: policy, kinds: [], arrivals: [],
      handling: [handlingRule], staff: staff(changedBy: staffing))
    add(to: &scenario, recordedUnder: recordedPolicy)
    // Those carried over come at the start, before anything counts.
    if carriedOver > 0 { scenario.warmUp = .microseconds(1) }
    let workers = routers ?? recording.stretch.workers["router"] ?? 0
    if workers > 0 { scenario.routers = RouterFleet(workers: workers) }
    return scenario
  }

  /// Adds what came to a scenario, which has its own policy, agents and rules for what was not recorded. The start of the stretch becomes
  /// that of the scenario.
  public func add(to scenario: inout Scenario, recordedUnder recordedPolicy: Policy? = nil) {
    var kinds = scenario.kinds
    var numbers: [TicketKind: Int] = [:]
    let rate = abandonmentRate
    var random = SeededGenerator(seed: UInt64(tickets.count))
    var arrivals: [RecordedArrival] = []
    for ticket in tickets {
      guard let decision = ticket.decision else { continue }
      let kind = kind(of: ticket, decision, recordedPolicy)
      let number = numbers[kind] ?? kinds.count
      if number == kinds.count {
        numbers[kind] = number
        kinds.append(kind)
      }
      var arrival = RecordedArrival(
        after: .milliseconds(max(0, ticket.opened)), kind: number, tier: ticket.tier, handling: ticket.handling,
        patience: ticket.patience(beyond: rate, until: length, using: &random))
      arrival.firstReply = ticket.firstReply
      arrivals.append(arrival)
    }
    scenario.kinds = kinds
    scenario.recording = arrivals
  }

  private var length: Int64 { recording.stretch.length.components.seconds * 1000 }

  private func kind(
    of ticket: RecordedTicket, _ decision: RecordedTicket.Decision, _ recordedPolicy: Policy?
  ) -> TicketKind {
    var labels = decision.labels
    // Rounded, so that tickets share kinds; thresholds of policies have two digits.
    labels.confidence = (labels.confidence * 100).rounded(.down) / 100
    var kind = TicketKind(name: labels.category, channel: ticket.channel, labels: labels)
    kind.productLine = decision.productLine
    if let recordedPolicy, recordedPolicy.version == decision.policyVersion {
      kind.text = decision.found.filter(recordedPolicy.wordLists.indices.contains)
        .compactMap { recordedPolicy.wordLists[$0].words.first }.joined(separator: "\n")
    }
    return kind
  }

  /// Customers who gave up, per second of waiting; nil where nobody did.
  private var abandonmentRate: Double? {
    let given = tickets.count { $0.end?.how == .abandoned }
    let waited = tickets.reduce(0.0) { $0 + Double($1.waited(until: length)) / 1000 }
    return given > 0 && waited > 0 ? Double(given) / waited : nil
  }

  /// For tickets whose times were not recorded: those of the others.
  private var handlingRule: HandlingRule {
    var rule = HandlingRule(time: .empirical(tickets.compactMap { $0.handling?.inSeconds }))
    rule.firstReply = .empirical(tickets.compactMap { $0.firstReply?.inSeconds })
    return rule
  }
}

extension RecordedTicket {
  /// When an agent first accepted it.
  var firstAccepted: Int64? { hands.first?.since }

  /// How long agents had it, the waiting for the customer included; nil while one has it.
  var handling: Duration? {
    guard !hands.isEmpty, hands.allSatisfy({ $0.endedBy != nil }) else { return nil }
    return .milliseconds(hands.reduce(0) { $0 + $1.handled + $1.pended })
  }

  /// When an agent first replied.
  var firstReplied: Int64? { messages.first { $0.author == Message.Author.agent }?.at }

  /// From the first acceptance to the first reply.
  var firstReply: Duration? {
    guard let firstAccepted, let firstReplied else { return nil }
    return .milliseconds(max(0, firstReplied - firstAccepted))
  }

  /// How long the customer waited for an agent, in milliseconds.
  /// - Parameter end: the end of the stretch, for tickets that nobody has had.
  func waited(until end: Int64) -> Int64 { max(0, (firstAccepted ?? self.end?.at ?? max(end, opened)) - opened) }

  /// How long the customer would wait: known for those who gave up, at least as long as they waited for all others.
  fileprivate func patience(
    beyond rate: Double?, until end: Int64, using random: inout SeededGenerator
  ) -> Duration? {
    let draw = random.unit()
    if self.end?.how == .abandoned { return .milliseconds(waited(until: end)) }
    guard let rate else { return nil }
    return .milliseconds(waited(until: end) + Int64(min(1e12, -Double.log(1 - draw) / rate * 1000)))
  }
}
