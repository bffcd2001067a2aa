import Store
import Testing

@testable import DeskCore

/// Every possible ticket state is read back as it was written.
@Suite struct RoundTripTests {
  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func randomTicketHistoriesAreReadBack(seed: UInt64) async throws {
    try await TestDesk.with { desk in
      var random = SeededGenerator(seed: seed)
      try await desk.upsert(["ada", "ben"], capacity: 1_000_000)
      let accepted = try await desk.accept(from: (0..<40).map { "customer \($0)" })
      var tickets = try await desk.store.tickets.tickets(accepted.map(\.ticket))
      var states: Set<TicketState> = []
      var moment = try await desk.store.now()
      for round in 0..<25 {
        moment = moment + .milliseconds(Int64.random(in: 0...40_000, using: &random))
        var steps: [TicketStep] = []
        for acceptance in accepted {
          guard var ticket = tickets[acceptance.ticket] else { continue }
          let before = ticket.version
          var effects: [TicketEffect]?
          // Some events are not allowed in the ticket's state; those change nothing, and another is tried.
          while effects == nil {
            let event = randomEvent(for: ticket, at: moment, using: &random)
            effects = try? ticket.handle(event, now: moment, under: .levels)
          }
          let decides = round == 0 ? [acceptance.message] : []
          steps.append(
            TicketStep(
              expectedVersion: before, ticket: ticket, at: moment, effects: effects ?? [], decides: decides,
              traceparent: nil, reopenWindow: .seconds(3600)))
          states.insert(ticket.state)
          tickets[ticket.id] = ticket.state.isTerminal ? nil : ticket
        }
        // An offer that timed out set its agent away; these return immediately.
        for agent: AgentID in ["ada", "ben"] { _ = try await desk.store.matching.setPresence(.available, of: agent) }
        let committed = try await desk.store.tickets.commit(steps)
        #expect(committed == Set(steps.map(\.ticket.id)), "seed \(seed), round \(round)")
        let read = try await desk.store.tickets.tickets(accepted.map(\.ticket))
        #expect(read == tickets, "seed \(seed), round \(round)")
      }
      #expect(states.isSuperset(of: [.queued, .triage, .offered, .assigned, .pending, .resolved, .closed]))
      #expect(try await desk.store.audit.balance()?.wrongLoads == 0)
    }
  }

  private func randomEvent(for ticket: Ticket, at now: Instant, using random: inout SeededGenerator) -> TicketEvent {
    let agent: AgentID = Bool.random(using: &random) ? "ada" : "ben"
    let holder = ticket.capacityHolder ?? agent
    let offer = ticket.offer?.id ?? OfferID(at: now, using: &random)
    switch Int.random(in: 0..<14, using: &random) {
    case 0, 1:
      return .routed(
        RoutingDecision(
          queue: Bool.random(using: &random) ? "billing" : "returns",
          priority: Priority.allCases.randomElement(using: &random) ?? .normal,
          skills: (0..<Int.random(in: 0...3, using: &random)).map {
            SkillRequirement(SkillID("skill-\($0)"), proficiency: Int.random(in: 1...10, using: &random))
          },
          weight: Int32.random(in: 1...5, using: &random), labels: randomLabels(using: &random),
          needsTriage: Int.random(in: 0..<4, using: &random) == 0,
          targets: Bool.random(using: &random) ? .test(from: now) : .none, rule: nil, policyVersion: 3, message: nil))
    case 2: return .customerWrote(MessageID(at: now, using: &random), randomLabels(using: &random))
    case 3, 4, 5:
      return .offered(
        Offer(id: OfferID(at: now, using: &random), agent: agent, offeredAt: now, expiresAt: now + .seconds(30)))
    case 6, 7: return .accepted(offer, by: holder)
    case 8: return .declined(offer, by: holder)
    case 9: return Bool.random(using: &random) ? .offerTimedOut(offer) : .offerWithdrawn(offer, reason: "test")
    case 10:
      return .replied(
        MessageID(at: now, using: &random), by: holder, awaitsCustomer: Bool.random(using: &random))
    case 11:
      return Bool.random(using: &random) ? .resolved(by: holder) : .agentLeft(holder)
    case 12:
      return .priorityChanged(
        Priority.allCases.randomElement(using: &random) ?? .low, by: .agent("lea"), reason: "test")
    default:
      return Int.random(in: 0..<3, using: &random) > 0 ? .deadlineReached : .reopenWindowPassed
    }
  }

  private func randomLabels(using random: inout SeededGenerator) -> Labels {
    Labels(
      category: "c\(Int.random(in: 0..<5, using: &random))", intent: "i",
      confidence: Double.random(in: 0...1, using: &random),
      urgency: Urgency.allCases.randomElement(using: &random) ?? .normal,
      sentiment: Sentiment.allCases.randomElement(using: &random) ?? .neutral, language: "zh-Hans", modelVersion: "m")
  }
}

extension Policy {
  /// The service level of the random walks: every clock, and a short escalation ladder.
  fileprivate static let levels: Policy = {
    var policy = Policy.test
    let time: [Priority: Duration] = [.urgent: .seconds(20), .high: .seconds(60), .normal: .seconds(200)]
    policy.queues["returns"] = QueuePolicy(
      id: "returns", teams: [], skills: [], offerTime: .seconds(30), relaxation: [])
    policy.serviceLevels = [
      ServiceLevelPolicy(
        name: "p", condition: .always, calendar: nil, firstResponse: time, nextResponse: time, resolution: time,
        pausesWhilePending: true,
        escalation: [
          EscalationStep(after: .seconds(5), actions: [.raisePriority(to: .urgent)]),
          EscalationStep(after: .seconds(60), actions: [.hand(to: "returns")]),
        ])
    ]
    return policy
  }()
}
