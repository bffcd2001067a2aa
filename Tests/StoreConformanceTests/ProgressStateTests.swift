import Store
import TestStore
import Testing

@testable import DeskCore

/// A ticket's progress notices are read back as they were written, and found when they are due (migration 105).
@Suite struct ProgressStateTests {
  private static let full = ProgressState(
    pending: .init(
      event: .assigned, occurrence: 3, agent: "ada", since: Instant(microseconds: 1_767_616_200_000_001),
      due: Instant(microseconds: 1_767_616_300_000_001)),
    lastSentAt: Instant(microseconds: 1_767_616_100_000_001), announcedAgent: "bob",
    occurrences: [.received: 1, .assigned: 3])

  private func write(_ state: ProgressState, on ticket: Ticket, _ desk: TestDesk) async throws -> Ticket {
    var changed = ticket
    changed.progress = state
    changed.version += 1
    let step = TicketStep(
      expectedVersion: ticket.version, ticket: changed, at: try await desk.store.now(), effects: [], traceparent: nil,
      reopenWindow: .seconds(60))
    #expect(try await desk.store.tickets.commit([step]) == [ticket.id])
    return changed
  }

  @Test(arguments: [ProgressStateTests.full, ProgressState(occurrences: [.solved: 2]), ProgressState()])
  func theStateIsReadBack(_ state: ProgressState) async throws {
    try await TestDesk.with { desk in
      let changed = try await write(state, on: desk.queued(["cara"])[0], desk)
      #expect(try await desk.store.tickets.tickets([changed.id])[changed.id] == changed)
      let unset = "SELECT count(*) FROM desk.ticket WHERE progress IS NULL"
      #expect(try await desk.number(unset) == (state == ProgressState() ? 1 : 0))
    }
  }

  @Test func aNoticeIsFoundWhenItIsDueAndNotAfterItWasSent() async throws {
    try await TestDesk.with { desk in
      let tickets = try await desk.queued(["cara", "dora"])
      let changed = try await write(Self.full, on: tickets[0], desk)
      let due = try #require(Self.full.pending).due
      #expect(try await desk.store.tickets.ticketsWithProgressDue(by: due - .seconds(1), limit: 9) == [])
      #expect(try await desk.store.tickets.ticketsWithProgressDue(by: due, limit: 9) == [changed])
      var sent = Self.full
      sent.pending = nil
      _ = try await write(sent, on: changed, desk)
      #expect(try await desk.store.tickets.ticketsWithProgressDue(by: due + .seconds(999_999), limit: 9) == [])
    }
  }

  /// The first routing of a ticket plans its notice; a desk without notices writes neither column.
  @Test(arguments: [true, false])
  func theFirstRoutingPlansANotice(_ isOn: Bool) async throws {
    try await TestDesk.with { desk in
      let accepted = try await desk.accept(from: ["cara"])[0]
      var policy = Policy.test
      policy.version = 7
      let notice = ProgressPolicy.Notice(texts: ["en": try ProgressTemplate("Received", for: .received)])
      if isOn { policy.life.progress = ProgressPolicy(channels: ["web"], notices: [.received: notice]) }
      let ticket = try await desk.store.take(
        desk.store.ticket(of: accepted), .routed(.test(accepted.message)), under: policy, decides: [accepted.message])
      #expect(try await desk.store.tickets.tickets([ticket.id])[ticket.id]?.progress == ticket.progress)
      #expect((ticket.progress.pending != nil) == isOn)
      #expect(try await desk.number("SELECT count(progress_due_at) FROM desk.ticket") == (isOn ? 1 : 0))
    }
  }

  /// Whoever sends a notice has read the ticket before: of two the version lets one write, with text, timeline and deliveries.
  @Test func ofTwoWhoSendANoticeOneHasAnEffect() async throws {
    try await TestDesk.with { desk in
      let accepted = try await desk.accept(from: ["cara"])[0]
      var policy = Policy.test
      policy.version = 7
      policy.channels["web"] = ChannelPolicy(id: "web", weight: 1, replyHook: "shop", reopenWindow: .seconds(60))
      let notice = ProgressPolicy.Notice(texts: ["en": try ProgressTemplate("Received", for: .received)])
      policy.life.progress = ProgressPolicy(channels: ["web"], notices: [.received: notice])
      _ = try await desk.store.take(
        desk.store.ticket(of: accepted), .routed(.test(accepted.message)), under: policy, decides: [accepted.message])
      let now = try await desk.store.now() + .seconds(1)
      let due = try await desk.store.tickets.ticketsWithProgressDue(by: now, limit: 9)
      let ticket = try #require(due.first)
      var random = SystemRandomNumberGenerator()
      var steps: [TicketStep] = []
      for _ in 0..<2 {
        let message = try await OutgoingMessage(id: desk.fresh(), progress: .received, body: "Received")
        steps.append(
          try TicketStep(
            .progressDue(message.id, language: "en"), on: ticket, at: now, under: policy, writing: message,
            using: &random))
      }
      async let one = desk.store.tickets.commit([steps[0]])
      async let other = desk.store.tickets.commit([steps[1]])
      #expect(try await one.count + other.count == 1)
      let messages = try await desk.store.conversations.messages(of: ticket.id, limit: 9)
      #expect(messages.map(\.author) == ["cara", "progress:received"])
      #expect(try await desk.store.conversations.timeline(of: ticket.id).map(\.kind) == ["queued", "progress_sent"])
      #expect(try await desk.number("SELECT count(*) FROM desk.outbox WHERE kind = 'message.replied'") == 1)
      #expect(try await desk.store.tickets.ticketsWithProgressDue(by: now, limit: 9) == [])
      #expect(try await desk.store.tickets.tickets([ticket.id])[ticket.id]?.progress.lastSentAt == now)
    }
  }

  @Test func numbersBeyondAllBoundsAreLimited() async throws {
    try await TestDesk.with { desk in
      let ticket = try await desk.queued(["cara"])[0]
      try await desk.run(
        #"UPDATE desk.ticket SET progress = '{"sent_us": 9223372036854775807, "occurrences": {"solved": 9223372036854775807}}'"#
      )
      let read = try #require(try await desk.store.tickets.tickets([ticket.id])[ticket.id])
      #expect(read.progress.occurrences == [.solved: 1 << 30])
      #expect(read.progress.lastSentAt == Instant(microseconds: 1 << 60))
    }
  }

  @Test func keysOfALaterBuildAreIgnored() async throws {
    try await TestDesk.with { desk in
      let ticket = try await desk.queued(["cara"])[0]
      try await desk.run(
        #"UPDATE desk.ticket SET progress = '{"later": 1, "pending": {"event": "paid"}, "occurrences": {"paid": 1, "solved": 2}}'"#
      )
      let read = try #require(try await desk.store.tickets.tickets([ticket.id])[ticket.id])
      #expect(read.progress == ProgressState(occurrences: [.solved: 2]))
    }
  }
}
