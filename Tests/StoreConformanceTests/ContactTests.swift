import DeskCore
import Store
import Testing

/// Encrypted contacts in the database.
@Suite struct ContactTests {
  private func contact(_ customer: String, _ byte: UInt8, key: String = "k1", at: Instant) -> CustomerContact {
    CustomerContact(
      channel: "web", customer: customer, sealed: SealedContact(key: key, bytes: [byte, 0, 255]), givenAt: at)
  }

  @Test func theNewestContactIsKeptInAnyOrder() async throws {
    try await TestDesk.with { desk in
      _ = try await desk.accept(from: ["ann", "bob"])
      let now = try await desk.store.now()
      try await desk.store.privacy.keep([
        contact("ann", 1, at: now), contact("bob", 2, at: now), contact("ann", 3, at: now + .seconds(1)),
      ])
      // A retry of an old message does not restore the old contact.
      try await desk.store.privacy.keep([contact("ann", 9, at: now)])
      #expect(try await desk.store.privacy.contact(of: "ann", on: "web")?.sealed.bytes == [3, 0, 255])
      #expect(try await desk.store.privacy.contact(of: "bob", on: "web")?.sealed.bytes == [2, 0, 255])
      #expect(try await desk.store.privacy.contact(of: "bob", on: "app") == nil)
    }
  }

  @Test func contactsWithoutAnOpenTicketAreOmitted() async throws {
    try await TestDesk.with { desk in
      try await desk.store.privacy.keep([contact("unknown", 1, at: try await desk.store.now())])
      #expect(try await desk.store.privacy.contact(of: "unknown", on: "web") == nil)
    }
  }

  @Test func resealingSkipsContactsRenewedMeanwhile() async throws {
    try await TestDesk.with { desk in
      _ = try await desk.accept(from: ["ann", "bob", "cyd"])
      let now = try await desk.store.now()
      try await desk.store.privacy.keep([
        contact("ann", 1, at: now), contact("bob", 2, at: now), contact("cyd", 3, key: "k2", at: now),
      ])
      let old = try await desk.store.privacy.contacts(notUnder: "k2", limit: 10)
      #expect(old.map(\.customer) == ["ann", "bob"])
      try await desk.store.privacy.keep([contact("bob", 7, at: now + .seconds(1))])
      let exchanged = try await desk.store.privacy.exchange(old.map { ($0, SealedContact(key: "k2", bytes: [42])) })
      #expect(exchanged == 1)
      #expect(
        try await desk.store.privacy.contact(of: "ann", on: "web")?.sealed == SealedContact(key: "k2", bytes: [42]))
      #expect(try await desk.store.privacy.contact(of: "bob", on: "web")?.sealed.bytes == [7, 0, 255])
      let keys = try await desk.store.privacy.contactKeys()
      #expect(keys.map(\.key) == ["k1", "k2"] && keys.map(\.contacts) == [1, 2])
    }
  }
}
