import Testing

@testable import DeskCore

@Suite("A ticket keeps its invariants on any path through its lifecycle")
struct TimelineInvariantCheckerTests {
  @Test(arguments: UInt64(1)...40)
  func randomWalksKeepTheInvariants(_ seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<25 {
      var ticket = Ticket.fresh()
      var loads: [AgentID: Int32] = [:]
      var notified: [ServiceLevelClocks.Name: [Int]] = [:]
      var now: Int64 = 0
      var offers: UInt64 = 0
      for _ in 0..<60 {
        now += Int64.random(in: 0...4_000, using: &random)
        let event = anyEvent(for: ticket, at: now, offers: &offers, using: &random)
        let before = ticket
        do throws(TicketRefusal) {
          let effects = try ticket.handle(event, now: .at(now))
          #expect(ticket.version == before.version + 1)
          // When it is decided again, it may get another target, whose thresholds are notified again.
          if case .routed = event { notified = [:] }
          if effects.outline.contains(where: { $0.hasPrefix("record rerouted") }) { notified = [:] }
          loads.merge(effects.loads) { $0 + $1 }
          for effect in effects {
            guard let reached = effect.targetReached, let clock = reached.clock, let share = reached.sharePercent else {
              continue
            }
            notified[clock, default: []].append(share)
          }
          #expect(!before.state.isTerminal)
          check(ticket, loads: loads)
        } catch {
          #expect(ticket == before)
        }
      }
      for shares in notified.values { #expect(shares == Array(Set(shares)).sorted(), "each threshold once, in order") }
    }
  }

  private func check(_ ticket: Ticket, loads: [AgentID: Int32]) {
    let carried = loads.filter { $0.value != 0 }
    if let holder = ticket.capacityHolder {
      #expect(carried == [holder: ticket.weight])
    } else {
      #expect(carried.isEmpty)
    }
    #expect((ticket.offer != nil) == (ticket.state == .offered))
    if ticket.agent != nil { #expect([.assigned, .pending].contains(ticket.state)) }
    if ticket.state == .assigned { #expect(ticket.agent != nil) }
    #expect((ticket.waitingSince != nil) == [.triage, .queued, .offered].contains(ticket.state))
    #expect((ticket.resolvedAt != nil) == [.resolved, .closed].contains(ticket.state))
    #expect((ticket.answeredAt != nil) == (ticket.state == .answered))
    if ticket.replyDueSince != nil { #expect(ticket.state == .assigned) }
    if ticket.confirmedAt != nil { #expect([.resolved, .closed].contains(ticket.state)) }
    if ticket.state == .triage { #expect(ticket.needsTriage) }
    if ticket.state == .queued { #expect(!ticket.needsTriage) }
    if ticket.state != .received, ticket.state != .rejected { #expect(ticket.queue != nil) }
    if [.answered, .resolved, .closed].contains(ticket.state) { #expect(ticket.clocks.nextCheckAt == nil) }
    for name in ServiceLevelClocks.Name.allCases {
      let clock = ticket.clocks[name]
      #expect(clock.metAt == nil || clock.ending == nil)
      // A response stays pending until the ticket is settled.
      if clock.ending != nil { #expect([.resolved, .closed, .rejected].contains(ticket.state)) }
    }
    #expect(ticket.pauses.count <= OfferPause.remembered && ticket.pauses.allSatisfy { $0.times > 0 })
  }

  /// A manual action of a person on a ticket, other than working on it.
  private func byHand(
    _ agent: AgentID, at now: Int64, offers: inout UInt64, using random: inout SeededGenerator
  ) -> TicketEvent {
    let hand = ActingAgent(agent, leads: Bool.random(using: &random))
    switch Int.random(in: 0..<5, using: &random) {
    case 0: return .transferred(.queue("general", skills: []), by: hand, reason: "r")
    case 1:
      offers += 1
      return .transferred(.agent(.to("bob", number: offers, at: now)), by: hand, reason: "r")
    case 2: return .absorbed(.number(random.next()), by: hand, reason: "r", isReplyDue: Bool.random(using: &random))
    case 3:
      let isRare = Int.random(in: 0..<6, using: &random) == 0
      return isRare
        ? .merged(into: .number(random.next()), by: hand, reason: "r") : .absorbed(.number(77), by: hand, reason: "r")
    default:
      let category = Bool.random(using: &random) ? "complaint" : "logistics"
      return .labelled(
        Policy.sample.decision(.sample(category: category)), .sample(by: hand, to: category), reason: "r")
    }
  }

  /// Any event; most of them match the ticket's state.
  private func anyEvent(
    for ticket: Ticket, at now: Int64, offers: inout UInt64, using random: inout SeededGenerator
  ) -> TicketEvent {
    let staff: [AgentID] = ["ann", "bob", "eve"]
    func anyone(_ random: inout SeededGenerator) -> AgentID {
      let other = staff[Int.random(in: 0..<3, using: &random)]
      return Int.random(in: 0..<4, using: &random) == 0 ? other : ticket.capacityHolder ?? other
    }
    let open: OfferID = Int.random(in: 0..<5, using: &random) == 0 ? .number(999) : ticket.offer?.id ?? .number(998)
    switch Int.random(in: 0..<22, using: &random) {
    case 0, 1:
      let confidence = Double.random(in: 0...1, using: &random)
      let channel: ChannelID = Bool.random(using: &random) ? "web" : "call"
      return .routed(Policy.sample.decision(.sample(confidence: confidence), channel: channel))
    case 2, 3:
      let guest = Bool.random(using: &random) ? Correspondent("guest", on: "mail") : nil
      return .customerWrote(.number(random.next()), .sample(urgency: .high), from: guest)
    case 4, 5, 6:
      offers += 1
      return .offered(.to(staff[Int.random(in: 0..<3, using: &random)], number: offers, at: now))
    case 7, 8: return .accepted(open, by: anyone(&random))
    case 9: return .declined(open, by: anyone(&random))
    case 10: return Bool.random(using: &random) ? .offerTimedOut(open) : .offerWithdrawn(open, reason: "moved")
    case 11: return .replied(.number(random.next()), by: anyone(&random), awaitsCustomer: Bool.random(using: &random))
    case 12: return .resolved(by: anyone(&random))
    case 13: return .agentLeft(anyone(&random))
    case 14: return .deadlineReached
    case 16: return byHand(anyone(&random), at: now, offers: &offers, using: &random)
    case 17: return .reclaimed(anyone(&random))
    case 18: return .answered(Policy.sample.decision(), "article", .number(random.next()))
    case 19, 20:
      let rating = Bool.random(using: &random) ? Int.random(in: Feedback.ratings, using: &random) : nil
      return .feedbackReceived(.sample(solved: Int.random(in: 0..<3, using: &random) > 0, rating: rating))
    case 21:
      return Bool.random(using: &random)
        ? .noted(.number(random.next()), by: anyone(&random))
        : .linked(.number(random.next()), by: .eve, reason: "r")
    default:
      let isLate = ticket.version > 12
      return isLate ? .reopenWindowPassed : Bool.random(using: &random) ? .rejected(reason: "poison") : .deadlineReached
    }
  }
}
