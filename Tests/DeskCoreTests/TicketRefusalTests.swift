import Testing

@testable import DeskCore

@Suite("Which steps are refused in which states")
struct TicketRefusalTests {
  private static let working: Set<TicketState> = [.triage, .queued, .offered, .assigned, .pending]
  private static let decided: Set<TicketState> = working.union([.answered, .resolved])

  /// One event of each kind, as caused by the agent who has the sample ticket or its offer.
  static let events: [(name: String, event: TicketEvent, allowed: Set<TicketState>)] = [
    ("routed", .routed(Policy.sample.decision()), [.received, .triage, .queued]),
    (
      "customerWrote", .customerWrote(.number(5), .sample()),
      [.triage, .queued, .offered, .assigned, .pending, .answered, .resolved]
    ),
    ("offered", .offered(.to("ann", number: 2)), [.triage, .queued]),
    ("accepted", .accepted(.number(1), by: "ann"), [.offered]),
    ("declined", .declined(.number(1), by: "ann"), [.offered]),
    ("offerTimedOut", .offerTimedOut(.number(1)), [.offered]),
    ("offerWithdrawn", .offerWithdrawn(.number(1), reason: "moved"), [.offered]),
    ("replied", .replied(.number(6), by: "ann", awaitsCustomer: false), [.assigned, .pending]),
    ("resolved", .resolved(by: "ann"), [.assigned, .pending]),
    ("agentLeft", .agentLeft("ann"), [.offered, .assigned, .pending]),
    ("reopenWindowPassed", .reopenWindowPassed, [.answered, .resolved]),
    ("deadlineReached", .deadlineReached, [.triage, .queued, .offered, .assigned, .pending, .answered]),
    (
      "priorityChanged", .priorityChanged(.low, by: .agent("lea"), reason: "r"),
      [.triage, .queued, .offered, .assigned, .pending, .answered]
    ),
    ("rejected", .rejected(reason: "poison"), [.received]),
    (
      "labelled",
      .labelled(Policy.sample.decision(.sample(category: "complaint")), .sample(to: "complaint"), reason: "r"),
      decided
    ),
    ("transferred", .transferred(.queue("general", skills: []), by: .eve, reason: "r"), working),
    ("noted", .noted(.number(7), by: "ann"), decided),
    ("reclaimed", .reclaimed("ann"), [.assigned]),
    ("linked", .linked(.number(50), by: .ann, reason: "r"), decided),
    ("absorbed", .absorbed(.number(50), by: .ann, reason: "r"), working),
    ("merged", .merged(into: .number(50), by: .ann, reason: "r"), decided),
    ("answered", .answered(Policy.sample.decision(), "article", .number(8)), [.received]),
    ("feedback received", .feedbackReceived(.sample()), [.answered, .resolved]),
  ]

  @Test(arguments: TicketState.allCases)
  func eventsFollowTheStateAndRefusalsChangeNothing(_ state: TicketState) throws {
    for (name, event, allowed) in TicketRefusalTests.events {
      let before = try Ticket.example(in: state)
      #expect(before.state == state)
      var ticket = before
      do throws(TicketRefusal) {
        _ = try ticket.handle(event, now: .at(500))
        #expect(allowed.contains(state), "\(name) was accepted in \(state)")
        #expect(ticket.version == before.version + 1)
      } catch {
        #expect(!allowed.contains(state), "\(name) was refused in \(state)")
        #expect(ticket == before)
        switch error {
        case .notInState(let actual, let needed):
          #expect(actual == state)
          #expect(Set(needed) == allowed)
        case .offerIsOver: #expect(allowed == [.offered])
        case .notYours, .changesNothing: Issue.record("\(name) in \(state) was refused for its actor or as a no-op")
        }
      }
    }
  }

  @Test func terminalStatesAcceptNoEvents() throws {
    let terminal = TicketState.allCases.filter(\.isTerminal)
    #expect(!terminal.isEmpty && !TicketRefusalTests.events.isEmpty)
    for state in terminal {
      for (_, _, allowed) in TicketRefusalTests.events { #expect(!allowed.contains(state)) }
    }
  }
}
