import Testing

@testable import DeskCore

@Suite("Which phase follows which event, and which events are refused")
struct TicketTransitionTests {
  private typealias Row = (name: String, event: TicketEvent, next: [TicketState: String])

  /// The sample tickets in short form. They are opened at 0 s, routed at 1, offered at 60, accepted at 70, pending from 100 and
  /// resolved at 200.
  private static let examples: [TicketState: String] = [
    .received: "received", .triage: "triage since 0", .queued: "queued since 0",
    .offered: "offered to ann since 0", .assigned: "assigned to ann, reply due since 70", .pending: "pending with ann",
    .answered: "answered at 1", .resolved: "resolved at 200", .closed: "closed at 200", .rejected: "rejected",
  ]

  private static let working: [TicketState] = [.triage, .queued, .offered, .assigned, .pending]
  private static let decided: [TicketState] = working + [.answered, .resolved]

  /// A row's states in which the event keeps the phase.
  private static func kept(
    in states: [TicketState], but changed: [TicketState: String] = [:]
  ) -> [TicketState: String] {
    examples.filter { states.contains($0.key) }.merging(changed) { $1 }
  }

  /// Events of every kind but `moveAnswered`, which needs a suggestion, at 500 s, caused by the agent who has the sample ticket or its
  /// offer, or by a lead; and the phases that they lead to. In the states that a row does not name, the event is refused.
  private static let rows: [Row] = [
    (
      "routed", .routed(Policy.sample.decision()),
      [.received: "queued since 0", .triage: "queued since 0", .queued: "queued since 0"]
    ),
    (
      "routed to triage", .routed(Policy.sample.decision(.sample(confidence: 0.1))),
      [.received: "triage since 0", .triage: "triage since 0", .queued: "triage since 0"]
    ),
    (
      "customerWrote", .customerWrote(.number(5), .sample()),
      kept(
        in: decided,
        but: [
          // Its labels are certain, so the ticket no longer waits to be labelled.
          .triage: "queued since 0", .pending: "assigned to ann, reply due since 500", .answered: "queued since 500",
          .resolved: "queued since 500",
        ])
    ),
    (
      "offered", .offered(.to("bob", number: 2)),
      [.triage: "offered to bob since 0", .queued: "offered to bob since 0"]
    ),
    ("accepted", .accepted(.number(1), by: "ann"), [.offered: "assigned to ann, reply due since 500"]),
    ("declined", .declined(.number(1), by: "ann"), [.offered: "queued since 0"]),
    ("offerTimedOut", .offerTimedOut(.number(1)), [.offered: "queued since 0"]),
    ("offerWithdrawn", .offerWithdrawn(.number(1), reason: "moved"), [.offered: "queued since 0"]),
    (
      "replied", .replied(.number(6), by: "ann", awaitsCustomer: false),
      [.assigned: "assigned to ann", .pending: "assigned to ann"]
    ),
    (
      "replied, awaiting the customer", .replied(.number(6), by: "ann", awaitsCustomer: true),
      [.assigned: "pending with ann", .pending: "pending with ann"]
    ),
    ("resolved", .resolved(by: "ann"), [.assigned: "resolved at 500", .pending: "resolved at 500"]),
    (
      "agentLeft", .agentLeft("ann"),
      [.offered: "queued since 0", .assigned: "queued since 500", .pending: "pending"]
    ),
    ("reopenWindowPassed", .reopenWindowPassed, [.answered: "closed at 1", .resolved: "closed at 200"]),
    ("deadlineReached", .deadlineReached, kept(in: working + [.answered])),
    ("priorityChanged", .priorityChanged(.low, by: .agent("lea"), reason: "r"), kept(in: working + [.answered])),
    ("queueRemoved", .queueRemoved(movedTo: "general", skills: []), kept(in: [.triage, .queued])),
    ("rejected", .rejected(reason: "poison"), [.received: "rejected"]),
    (
      "labelled",
      .labelled(Policy.sample.decision(.sample(category: "complaint")), .sample(to: "complaint"), reason: "r"),
      kept(in: decided, but: [.triage: "queued since 0"])
    ),
    (
      "transferred to a queue", .transferred(.queue("general", skills: []), by: .eve, reason: "r"),
      [
        .triage: "queued since 0", .queued: "queued since 0", .offered: "queued since 0",
        .assigned: "queued since 500", .pending: "queued since 500",
      ]
    ),
    (
      "transferred to an agent", .transferred(.agent(.to("bob", number: 2)), by: .eve, reason: "r"),
      [
        .triage: "offered to bob since 0", .queued: "offered to bob since 0", .offered: "offered to bob since 0",
        .assigned: "offered to bob since 500", .pending: "offered to bob since 500",
      ]
    ),
    ("noted", .noted(.number(7), by: "ann"), kept(in: decided)),
    ("reclaimed", .reclaimed("ann"), [.assigned: "queued since 70"]),
    ("linked", .linked(.number(50), by: .ann, reason: "r"), kept(in: decided)),
    ("absorbed", .absorbed(.number(50), by: .ann, reason: "r"), kept(in: working)),
    (
      "absorbed with a reply due", .absorbed(.number(50), by: .ann, reason: "r", isReplyDue: true),
      kept(in: working, but: [.pending: "assigned to ann, reply due since 500"])
    ),
    (
      "merged", .merged(into: .number(50), by: .ann, reason: "r"),
      Dictionary(uniqueKeysWithValues: decided.map { ($0, $0 == .resolved ? "closed at 200" : "closed at 500") })
    ),
    ("answered", .answered(Policy.sample.decision(), "article", .number(8)), [.received: "answered at 500"]),
    (
      "solved", .feedbackReceived(.sample()),
      [.answered: "resolved at 500, confirmed at 500", .resolved: "resolved at 200, confirmed at 500"]
    ),
    (
      "not solved", .feedbackReceived(.sample(solved: false)),
      [.answered: "queued since 500", .resolved: "queued since 500"]
    ),
  ]

  @Test(arguments: TicketState.allCases)
  func everyEventLeadsToItsPhaseOrIsRefusedAndChangesNothing(_ state: TicketState) throws {
    for (name, event, next) in Self.rows {
      let before = try Ticket.example(in: state)
      #expect(before.outline == Self.examples[state])
      var ticket = before
      do throws(TicketRefusal) {
        _ = try ticket.handle(event, now: .at(500))
        #expect(ticket.outline == next[state], "\(name) in \(state)")
        #expect(ticket.phase == (try before.nextPhase(after: event, now: .at(500))), "\(name) in \(state)")
        #expect(ticket.version == before.version + 1)
      } catch {
        #expect(next[state] == nil, "\(name) was refused in \(state)")
        #expect(ticket == before)
        switch error {
        case .notInState(let actual, let needed):
          #expect(actual == state)
          #expect(Set(needed) == Set(next.keys), "\(name)")
        case .offerIsOver: #expect(Set(next.keys) == [.offered])
        case .notYours, .changesNothing: Issue.record("\(name) in \(state) was refused for its actor or as a no-op")
        }
      }
    }
  }

  @Test func terminalStatesAcceptNoEvents() {
    for (name, event, _) in Self.rows {
      #expect(!event.allowedStates.contains { $0.isTerminal }, "\(name)")
    }
  }

  @Test(arguments: TicketState.allCases)
  func aSuggestedMoveIsAnsweredOnlyWhereAnAgentHasTheTicket(_ state: TicketState) throws {
    let answer = TicketEvent.moveAnswered(accepts: true, by: .ann)
    #expect(answer.allowedStates == [.assigned, .pending])
    guard !answer.allowedStates.contains(state) else { return }
    let ticket = try Ticket.example(in: state)
    #expect(throws: TicketRefusal.notInState(state, needed: answer.allowedStates)) {
      try ticket.nextPhase(after: answer, now: .at(500))
    }
  }

  @Test func aPendingTicketWhoseAgentLeftWaitsForAnotherOneWhenTheCustomerWrites() throws {
    var ticket = try Ticket.example(in: .pending)
    _ = try ticket.handle(.agentLeft("ann"), now: .at(300))
    #expect(ticket.outline == "pending")
    #expect(throws: TicketRefusal.notYours(owner: nil)) { try ticket.handle(.agentLeft("ann"), now: .at(301)) }
    _ = try ticket.handle(.customerWrote(.number(5), .sample()), now: .at(400))
    #expect(ticket.outline == "queued since 400")
  }

  @Test(arguments: [TicketState.offered, .assigned, .pending])
  func othersCannotTakeTheTicketFromItsAgent(_ state: TicketState) throws {
    let events: [TicketEvent] = [
      .accepted(.number(1), by: "bob"), .declined(.number(1), by: "bob"),
      .replied(.number(6), by: "bob", awaitsCustomer: false), .resolved(by: "bob"), .agentLeft("bob"),
      .reclaimed("bob"), .transferred(.queue("general", skills: []), by: .bob, reason: "r"),
      .moveAnswered(accepts: true, by: .bob),
      .merged(into: .number(50), by: .bob, reason: "r"),
      .labelled(Policy.sample.decision(.sample(category: "complaint")), .sample(by: .bob), reason: "r"),
    ]
    let ticket = try Ticket.example(in: state)
    for event in events where event.allowedStates.contains(state) {
      #expect(throws: TicketRefusal.notYours(owner: "ann")) { try ticket.nextPhase(after: event, now: .at(500)) }
    }
  }

  @Test func stepsThatChangeNothingAreRefused() throws {
    let steps: [(TicketState, TicketEvent)] = [
      (.queued, .priorityChanged(.high, by: .agent("lea"), reason: "r")),
      (.queued, .labelled(Policy.sample.decision(), .sample(by: .eve), reason: "r")),
      (.queued, .transferred(.queue("shipping", skills: []), by: .eve, reason: "r")),
      (.assigned, .transferred(.agent(.to("ann", number: 2)), by: .eve, reason: "r")),
      (.assigned, .moveAnswered(accepts: true, by: .ann)), (.pending, .moveAnswered(accepts: true, by: .ann)),
      (.assigned, .linked(.number(1), by: .ann, reason: "r")),
      (.assigned, .absorbed(.number(1), by: .ann, reason: "r")),
      (.assigned, .merged(into: .number(1), by: .ann, reason: "r")),
    ]
    for (state, event) in steps {
      let ticket = try Ticket.example(in: state)
      #expect(throws: TicketRefusal.changesNothing) { try ticket.nextPhase(after: event, now: .at(500)) }
    }
    var answered = try Ticket.example(in: .assigned)
    _ = try answered.handle(.replied(.number(6), by: "ann", awaitsCustomer: false), now: .at(80))
    #expect(throws: TicketRefusal.changesNothing) { try answered.nextPhase(after: .reclaimed("ann"), now: .at(500)) }
  }
}

extension Ticket {
  /// The state with what belongs to it, in seconds since `morning`.
  fileprivate var outline: String {
    func seconds(_ time: Instant) -> Int64 { (time.microseconds - Instant.morning.microseconds) / 1_000_000 }
    switch phase {
    case .received, .rejected: return state.rawValue
    case .waiting(let since): return "\(state.rawValue) since \(seconds(since))"
    case .offered(let offer, let since): return "offered to \(offer.agent) since \(seconds(since))"
    case .assigned(let agent, let due):
      return "assigned to \(agent)" + (due.map { ", reply due since \(seconds($0))" } ?? "")
    case .pending(let agent): return "pending" + (agent.map { " with \($0)" } ?? "")
    case .answered(let time): return "answered at \(seconds(time))"
    case .resolved(let time, let confirmed):
      return "resolved at \(seconds(time))" + (confirmed.map { ", confirmed at \(seconds($0))" } ?? "")
    case .closed(let time, let confirmed):
      return "closed at \(seconds(time))" + (confirmed.map { ", confirmed at \(seconds($0))" } ?? "")
    }
  }
}
