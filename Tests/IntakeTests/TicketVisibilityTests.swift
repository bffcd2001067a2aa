import DeskCore
import PostgreSQL
import Store
import TestStore
import Testing

@testable import Intake

@Suite("What a channel sees of a ticket")
struct TicketVisibilityTests {
  @Test("its own customer's tickets, those they were merged into, and no other customers on them")
  func showsTicketsOnlyToTheirOwnCustomers() async throws {
    try await TestDatabase.with(connections: 1) { store in
      let sight = TicketVisibility(store: store)
      let ticket = TicketID(high: 0x0195_0000_0000_7000, low: 1 << 63)
      let owner = Correspondent("bob@example.com", on: "mail")
      func view(on channel: ChannelID) async throws -> TicketVisibility.View? {
        try await sight.view(of: ticket, openedBy: owner, on: channel)
      }
      #expect(try await view(on: "mail") == TicketVisibility.View(channel: "mail", customer: "bob@example.com"))
      #expect(try await view(on: "web") == nil)
      try await store.pool.executeScript("INSERT INTO desk.ticket_guest VALUES ('\(ticket)', 'web', 'ann')")
      #expect(try await view(on: "web") == TicketVisibility.View(channel: "web", customer: "ann"))
      #expect(try await view(on: "app") == nil)
      try await store.pool.executeScript("INSERT INTO desk.ticket_guest VALUES ('\(ticket)', 'web', 'cyn')")
      #expect(
        try await view(on: "web") == TicketVisibility.View(channel: "web", customer: nil), "which of them is not shown")
    }
  }
}
