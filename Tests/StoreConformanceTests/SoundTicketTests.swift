import Store
import Testing

@testable import DeskCore

/// What is never true of a live ticket. The table has no checks of it, because they would cost at each step; `TestDesk` looks at all
/// tickets that tests leave, and the check of the whole database at an operator's.
@Suite struct SoundTicketTests {
  @Test(arguments: [
    "version = 0", "state = 'closed'", "tier = 'gold'", "priority = 0", "priority = 5", "weight = 0",
    "first_allowed_us = -1",
    "resolution_allowed_us = -1", "waiting_queue = NULL", "state = 'triage'", "state = 'offered', waiting_queue = NULL",
    "offer_id = id", "offer_agent = 'ada'", "offer_expires_at = now()", "state = 'assigned', waiting_queue = NULL",
    "agent = 'ada'", "resolved_at = now()", "state = 'resolved', waiting_queue = NULL",
  ])
  func theCheckFindsIt(_ change: String) async throws {
    try await TestDesk.with { desk in
      _ = try await desk.queued(["ann", "bob"])
      #expect(try await desk.store.audit.balance()?.wrongTickets == 0)
      try await desk.run("UPDATE desk.ticket SET \(change) WHERE customer = 'ann'")
      #expect(try await desk.store.audit.balance()?.wrongTickets == 1)
      try await desk.run("DELETE FROM desk.ticket WHERE customer = 'ann'")
    }
  }
}
