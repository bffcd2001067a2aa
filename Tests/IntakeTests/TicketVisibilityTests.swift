import DeskCore
import PostgreSQL
import Store
import TestPostgres
import Testing

@testable import Intake

@Suite("What a channel sees of a ticket")
struct TicketVisibilityTests {
  @Test("its own customer's tickets, those they were merged into, and no other customers on them")
  func showsTicketsOnlyToTheirOwnCustomers() async throws {
    let pool = PostgresPool(
      DeskStore.configure(try await PrivatePostgres.shared().createDatabase()),
      limits: PostgresPoolLimits(connectionsMinimum: 0, connectionsMaximum: 1))
    do {
      _ = try await PostgresMigrator(DeskMigrations.all).migrate(pool)
      let sight = TicketVisibility(store: DeskStore(pool: pool))
      let ticket = TicketID(high: 0x0195_0000_0000_7000, low: 1 << 63)
      let owner = Correspondent("bob@example.com", on: "mail")
      func view(on channel: ChannelID) async throws -> TicketVisibility.View? {
        try await sight.view(of: ticket, openedBy: owner, on: channel)
      }
      #expect(try await view(on: "mail") == TicketVisibility.View(channel: "mail", customer: "bob@example.com"))
      #expect(try await view(on: "web") == nil)
      try await pool.executeScript("INSERT INTO desk.ticket_guest VALUES ('\(ticket)', 'web', 'ann')")
      #expect(try await view(on: "web") == TicketVisibility.View(channel: "web", customer: "ann"))
      #expect(try await view(on: "app") == nil)
      try await pool.executeScript("INSERT INTO desk.ticket_guest VALUES ('\(ticket)', 'web', 'cyn')")
      #expect(
        try await view(on: "web") == TicketVisibility.View(channel: "web", customer: nil), "which of them is not shown")
    } catch {
      await pool.shutdown()
      throw error
    }
    await pool.shutdown()
  }
}
