import Store
import Testing

@testable import DeskCore

/// Who has a ticket open (migration 114).
@Suite struct ViewerTests {
  @Test func aLeaseIsRenewedChangedAndEnded() async throws {
    try await TestDesk.with { desk in
      let ticket = try await desk.queued(["cara"])[0].id
      let other = try await desk.queued(["dora"])[0].id
      let store = desk.store.conversations
      try await store.attend(ticket, by: "bob", .looking, lease: .seconds(60))
      try await store.attend(ticket, by: "ann", .writing, lease: .seconds(60))
      try await store.attend(other, by: "bob", .looking, lease: .seconds(60))
      let both = try await store.viewers(of: ticket)
      #expect(both.map(\.agent) == ["ann", "bob"] && both.map(\.activity) == [.writing, .looking])
      // Renewed: since when stays; changed: it begins again.
      try await store.attend(ticket, by: "ann", .writing, lease: .seconds(60))
      try await store.attend(ticket, by: "bob", .writing, lease: .seconds(60))
      let after = try await store.viewers(of: ticket)
      #expect(after[0] == both[0] && after[1].activity == .writing && after[1].since > both[1].since)
      try await store.attend(ticket, by: "ann", nil, lease: .seconds(60))
      #expect(try await store.viewers(of: ticket).map(\.agent) == ["bob"])
      #expect(try await store.viewers(of: other).map(\.agent) == ["bob"])
    }
  }

  @Test func leasesThatEndedAreNotShownAndAreDeletedByTheNext() async throws {
    try await TestDesk.with { desk in
      let ticket = try await desk.queued(["cara"])[0].id
      let store = desk.store.conversations
      for agent: AgentID in ["ann", "bob"] { try await store.attend(ticket, by: agent, .looking, lease: .seconds(60)) }
      try await desk.run(
        """
        UPDATE desk.ticket_viewer SET since = now() - interval '1 hour', expires_at = now() - interval '10 minutes'
        """)
      #expect(try await store.viewers(of: ticket) == [])
      // One's own is renewed, not deleted.
      try await store.attend(ticket, by: "bob", .looking, lease: .seconds(60))
      #expect(try await store.viewers(of: ticket).map(\.agent) == ["bob"])
      #expect(try await desk.number("SELECT count(*) FROM desk.ticket_viewer") == 1)
      #expect(
        try await desk.number(
          "SELECT count(*) FROM desk.ticket_viewer WHERE since > now() - interval '1 minute'") == 1)
    }
  }
}
