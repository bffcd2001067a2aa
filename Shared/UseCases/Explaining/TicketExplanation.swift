public import DeskCore
internal import PolicyReading
public import Store

/// Explains the decisions about a ticket by replaying each under the policy version that it used.
///
/// Contains no customer text: a decision is replayed from its record in the timeline.
public struct TicketExplanation: Sendable {
  /// A decision in the timeline.
  public struct Decision: Sendable {
    /// What was decided.
    public enum Subject: Sendable {
      /// Queue, priority and skills.
      case routing(RoutingRecord, RoutingExplanation)
      /// Closing words confirmed a settled ticket.
      case confirmation(TimelineEvent.Confirmed)
      /// Which question the customer was asked.
      case question(TimelineEvent.Asked)
      /// Which agent received the offer.
      case offer(OfferRecord, OfferExplanation)
      /// Cannot be explained, with the reason.
      case unexplained(Gap)
    }

    /// Why a decision cannot be explained.
    public enum Gap: Hashable, Sendable {
      /// This version of the policy was deleted, or this build cannot read it.
      case policy(Int32)
      /// The facts of a routing were not recorded.
      case facts
      /// The inputs of a choice were not recorded.
      case inputs
      /// The share of closing words was not recorded.
      case closingShare

      /// The gap as a phrase.
      public var phrase: Phrase {
        switch self {
        case .policy(let version):
          Phrase(
            .unexplainedPolicy, ["version": .integer(Int64(version))],
            text: "version \(version) of the policy cannot be read")
        case .facts: Phrase(.unexplainedFacts, text: "the facts were not recorded")
        case .inputs: Phrase(.unexplainedInputs, text: "the inputs of the choice were not recorded")
        case .closingShare: Phrase(.unexplainedShare, text: "the share of closing words was not recorded")
        }
      }
    }

    /// The timeline's entry.
    public let kind: String
    /// When it was made.
    public let at: Instant
    /// The policy version that it used; 0 when that was not recorded.
    public let policyVersion: Int32
    /// What was decided.
    public let subject: Subject
    /// The replayed decision; nil when it cannot be replayed.
    public let replay: Replay?

    /// Creates a decision.
    public init(kind: String, at: Instant, policyVersion: Int32, subject: Subject, replay: Replay?) {
      self.kind = kind
      self.at = at
      self.policyVersion = policyVersion
      self.subject = subject
      self.replay = replay
    }
  }

  /// The ticket.
  public let ticket: TicketID
  /// Its decisions, oldest first.
  public let decisions: [Decision]
  /// Agents currently excluded although the ticket is waiting: how often they released it, and until when they are excluded.
  public let pauses: [OfferPause]

  /// Creates an explanation.
  public init(ticket: TicketID, decisions: [Decision], pauses: [OfferPause] = []) {
    self.ticket = ticket
    self.decisions = decisions
    self.pauses = pauses
  }

  /// Whether every replayed decision is identical, bit by bit, to the recorded one; nil when one could not be replayed.
  public var isReplayed: Bool? {
    decisions.contains { $0.replay == nil } ? nil : decisions.allSatisfy { $0.replay?.isEqual ?? false }
  }
}

// MARK: - Reading

extension TicketExplanation {
  /// Entry kinds that are decisions.
  public static let kinds: Set<TimelineEntry.Kind> = [
    .queued, .triaged, .answered, .labelled, .offered, .rerouted, .moveSuggested, .confirmed, .asked,
  ]

  /// Explains the decisions of a timeline.
  /// - Parameter timeline: the ticket's entries, oldest first.
  public init(of ticket: TicketID, timeline: [StoredEvent], in store: DeskStore) async throws {
    var policies: [Int32: Policy?] = [:]
    var decisions: [Decision] = []
    for event in timeline {
      guard let kept = event.content.flatMap(KeptDecision.init) else { continue }
      let version = kept.policyVersion
      if policies[version] == nil { policies[version] = .some(try await TicketExplanation.policy(version, in: store)) }
      decisions.append(Decision(event, kept, policies[version] ?? nil))
    }
    let now = try await store.now()
    let waiting = try await store.tickets.tickets([ticket])[ticket].flatMap { $0.state.waitsForAgent ? $0 : nil }
    self.init(ticket: ticket, decisions: decisions, pauses: waiting?.pauses(at: now) ?? [])
  }

  /// Returns a policy version; nil when it was deleted or this build cannot read it.
  private static func policy(_ version: Int32, in store: DeskStore) async throws -> Policy? {
    guard version > 0 else { return nil }
    return try await store.access.policy(version: version).flatMap { try? $0.policy() }
  }
}

/// What the timeline keeps of a decision.
private enum KeptDecision {
  case routing(TimelineEvent.Routed)
  case offer(TimelineEvent.Offered)
  case confirmation(TimelineEvent.Confirmed)
  case question(TimelineEvent.Asked)

  /// Nil for an entry that does not record a decision.
  init?(_ event: TimelineEvent) {
    if case .offered(let offered) = event {
      self = .offer(offered)
    } else if case .confirmed(let confirmed) = event {
      self = .confirmation(confirmed)
    } else if case .asked(let asked) = event {
      self = .question(asked)
    } else if case .labelled(let labelled) = event {
      // A corrected label carries the resulting rule decision, unless the ticket stayed where it was.
      guard let decision = labelled.decision else { return nil }
      self = .routing(decision)
    } else {
      guard let routed = event.routed else { return nil }
      self = .routing(routed)
    }
  }

  /// The version of the policy that it used; 0 when that was not recorded.
  var policyVersion: Int32 {
    switch self {
    case .routing(let routed): routed.policyVersion ?? 0
    case .offer(let offered): offered.policyVersion ?? 0
    case .confirmation(let confirmed): confirmed.policyVersion ?? 0
    case .question(let asked): asked.policyVersion ?? 0
    }
  }
}

extension TicketExplanation.Decision {
  fileprivate init(_ event: StoredEvent, _ kept: KeptDecision, _ policy: Policy?) {
    let (subject, replay) = Self.explain(kept, policy)
    self.init(kind: event.kind, at: event.at, policyVersion: kept.policyVersion, subject: subject, replay: replay)
  }

  private static func explain(_ kept: KeptDecision, _ policy: Policy?) -> (Subject, Replay?) {
    let unreadable = Subject.unexplained(.policy(kept.policyVersion))
    switch kept {
    case .offer(let offered):
      guard let record = offered.choice else {
        return (.unexplained(.inputs), nil)
      }
      guard let policy, let explanation = record.explain(under: policy) else { return (unreadable, nil) }
      return (.offer(record, explanation), record.replay(under: policy))
    case .confirmation(let confirmed):
      let unrecorded = Subject.unexplained(.closingShare)
      guard confirmed.share != nil else { return (unrecorded, nil) }
      guard let policy else { return (unreadable, nil) }
      return confirmed.replay(under: policy).map { (.confirmation(confirmed), $0) } ?? (unrecorded, nil)
    case .question(let asked):
      guard asked.facts != nil else { return (.unexplained(.inputs), nil) }
      guard let policy else { return (unreadable, nil) }
      return (.question(asked), asked.replay(under: policy))
    case .routing(let routed):
      guard let record = RoutingRecord(routed) else { return (.unexplained(.facts), nil) }
      guard let policy else { return (unreadable, nil) }
      return (.routing(record, policy.explain(record.facts(under: policy))), record.replay(under: policy))
    }
  }
}

// MARK: - As a document

extension TicketExplanation {
  /// The document returned by the console and `frontdesk explain --json`.
  public var detail: JSONValue {
    .object([
      .init("ticket_id", .text(ticket.description)),
      .init("replayed_bit_by_bit", isReplayed.map { .flag($0) } ?? .null),
      .init("decisions", .list(decisions.map(\.detail))),
      .init(
        "paused",
        .list(
          pauses.map { pause in
            .object([
              .init("agent", .text(pause.agent.rawValue)), .init("times", .integer(Int64(pause.times))),
              .init("not_before", .text(RFC3339.text(pause.until))),
              .init("text", .text("\(pause.agent) \(pause.text)")), .init("because", pause.phrase.coded),
            ])
          })),
    ])
  }
}

extension TicketExplanation.Decision {
  fileprivate var detail: JSONValue {
    var fields: [JSONValue.Field] = [
      .init("kind", .text(kind)), .init("at", .text(RFC3339.text(at))),
      .init("policy", .integer(Int64(policyVersion))),
      .init("replayed_bit_by_bit", replay.map { .flag($0.isEqual) } ?? .null),
    ]
    switch subject {
    case .unexplained(let gap):
      fields += [.init("unexplained", .text(gap.phrase.text)), .init("gap", gap.phrase.detail)]
    case .routing(_, let explanation):
      fields.append(.init("summary", .list(explanation.summary.map(\.detail))))
      fields.append(.init("decision", explanation.decision.detail))
      fields.append(
        .init(
          "rules",
          .list(
            explanation.rules.map { verdict in
              .object([
                .init("rule", .text(verdict.rule)), .init("outcome", .text(verdict.outcome.rawValue)),
                .init("condition", verdict.trace.detail),
              ])
            })))
      fields.append(
        .init(
          "alternatives",
          .list(
            explanation.alternatives.map { alternative in
              .object([
                .init("changes", .list(alternative.changes.map { .text($0.text) })),
                .init("rule", alternative.rule.map { .text($0) } ?? .null),
                .init("queue", .text(alternative.decision.queue.rawValue)),
                .init("priority", .text(alternative.decision.priority.name)), .init("text", .text(alternative.text)),
                .init("changed", .list(alternative.changes.map(\.phrase.detail))),
                .init("outcome", alternative.outcome.detail),
              ])
            })))
    case .confirmation(let confirmed):
      fields.append(.init("confirmation", confirmed.explanation))
      fields.append(.init("summary", .list([confirmed.phrase.detail])))
    case .question(let asked):
      fields.append(.init("question", asked.explanation))
      fields.append(.init("summary", .list([asked.phrase.detail])))
    case .offer(let record, let explanation):
      let chosen: JSONValue = record.result.agent.map { .text($0.rawValue) } ?? .null
      fields += [
        .init("queue", .text(record.queue.rawValue)), .init("asked", .text(explanation.asked)),
        .init("turn", .text(explanation.turn)), .init("why", .text(explanation.why)),
        .init("result", record.result.detail), .init("candidates", .list(explanation.verdicts.map(\.detail))),
        .init("chosen", .object([.init("agent", chosen), .init("because", explanation.cause.detail)])),
        .init("requirements", .list(explanation.requirements.map(\.detail))),
        .init("turns", .list(explanation.turns.map(\.detail))),
        .init(
          "alternatives",
          .list(
            explanation.alternatives.map { alternative in
              .object([
                .init("changed", .list([alternative.change.detail])), .init("outcome", alternative.outcome.detail),
                .init("text", .text(alternative.text)),
              ])
            })),
      ]
    }
    return .object(fields)
  }
}

extension OfferExplanation.Verdict {
  fileprivate var detail: JSONValue {
    .object([
      .init("agent", .text(agent.rawValue)), .init("status", .text(status.rawValue)),
      .init("reason", .text(reason)), .init("counterfactual", counterfactual.map { .text($0) } ?? .null),
      .init("because", cause.coded), .init("wants", wants.map { .list($0.map(\.detail)) } ?? .null),
    ])
  }
}

extension TimelineEvent.Confirmed {
  /// Why the message confirmed, as a phrase.
  public var phrase: Phrase {
    let least = threshold.map { "\($0)" } ?? "unknown"
    return Phrase(
      .closingWords,
      ["share": share.map { .number($0) } ?? .null, "threshold": threshold.map { .number($0) } ?? .null],
      text: "closing words are \(share.map { "\($0)" } ?? "unknown") of the message, at least \(least)")
  }
}

extension TimelineEvent.Asked {
  /// Which question was asked, as a phrase.
  public var phrase: Phrase {
    let (name, list) = (field?.rawValue ?? "", questionnaire ?? "")
    return Phrase(
      .questionAsked,
      [
        "field": .text(name), "questionnaire": .text(list), "attempt": .integer(Int64(attempt ?? 0)),
        "turn": .integer(Int64(turn ?? 0)),
      ], text: "asked for \(name) (\(list), attempt \(attempt ?? 0), question \(turn ?? 0))")
  }
}
