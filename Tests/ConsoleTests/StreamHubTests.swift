import DeskCore
import Store
import Testing

@testable import Console

@Suite struct StreamHubTests {
  /// The names of the events that wait on a closed stream.
  private func names(_ subscription: StreamHub.Subscription) async -> [String] {
    var names: [String] = []
    for await event in subscription.events { names.append(String(event.text.prefix { $0 != "\n" })) }
    return names
  }

  @Test func offersAndTheirEndsAreSentOnce() async throws {
    try await StaffedDesk.with { desk in
      let (ticket, offer) = try await desk.offered(to: "ann")
      let ann = try #require(await desk.hub.join("ann", with: StreamKey.of("ann")))
      let bob = try #require(await desk.hub.join("bob", with: StreamKey.of("bob")))
      try await desk.hub.lookForOffers()
      try await desk.hub.lookForOffers()
      _ = try await desk.desk.accept(offer, by: "ann")
      try await desk.hub.lookForOffers()
      try await desk.hub.lookForSteps()
      _ = try await desk.desk.reply("hello", awaitsCustomer: false, on: ticket.id, by: "ann", key: nil)
      try await desk.hub.lookForSteps()
      await desk.hub.end()
      #expect(await names(ann) == ["retry: 1000", "event: offer", "event: offer_ended", "event: ticket"])
      #expect(await names(bob) == ["retry: 1000"])
      #expect(await desk.hub.join("ann", with: StreamKey.of("ann")) == nil)
    }
  }

  @Test func offersContainTheCustomersText() async throws {
    try await StaffedDesk.with { desk in
      let (_, offer) = try await desk.offered(to: "ann")
      let ann = try #require(await desk.hub.join("ann", with: StreamKey.of("ann")))
      try await desk.hub.lookForOffers()
      await desk.hub.end()
      var texts: [String] = []
      for await event in ann.events { texts.append(event.text) }
      let event = try #require(texts.last)
      #expect(event.contains(#""text":"my words""#))
      #expect(event.contains(offer.description))
      #expect(event.hasSuffix("\n\n"))
      #expect(event.split(separator: "\n").count == 3)
    }
  }

  @Test func reconnectedStreamsStartWithAllOpenWork() async throws {
    try await StaffedDesk.with { desk in
      _ = try await desk.offered(to: "ann")
      let first = try #require(await desk.hub.join("ann", with: StreamKey.of("ann")))
      try await desk.hub.lookForOffers()
      await desk.hub.leave(first)
      let second = try #require(await desk.hub.join("ann", with: StreamKey.of("ann")))
      try await desk.hub.lookForOffers()
      await desk.hub.end()
      #expect(await names(second) == ["retry: 1000", "event: offer"])
    }
  }

  @Test func streamsSayWhenTheDatabaseDoesNotAnswer() async throws {
    try await StaffedDesk.with { desk in
      let ann = try #require(await desk.hub.join("ann", with: StreamKey.of("ann")))
      try await desk.hub.lookForOffers()
      let now = ContinuousClock.now
      await desk.hub.noteSilence(at: now + StreamBounds.longestSilence / 2)
      await desk.hub.noteSilence(at: now + StreamBounds.longestSilence * 2)
      await desk.hub.noteSilence(at: now + StreamBounds.longestSilence * 3)
      // Who comes meanwhile is told at once.
      let bob = try #require(await desk.hub.join("bob", with: StreamKey.of("bob")))
      try await desk.hub.lookForOffers()
      await desk.hub.end()
      let away = "id: unavailable\ndata: {\"is_available\":false}\n\n"
      let back = "id: available\ndata: {\"is_available\":true}\n\n"
      for subscription in [ann, bob] {
        var texts: [String] = []
        for await event in subscription.events { texts.append(event.text) }
        #expect(texts == ["retry: 1000\n\n", "event: availability\n" + away, "event: availability\n" + back])
      }
    }
  }

  @Test func ticketsThatComeAndGoAreReported() async throws {
    try await StaffedDesk.with { desk in
      let (ticket, offer) = try await desk.offered(to: "ann")
      let ann = try #require(await desk.hub.join("ann", with: StreamKey.of("ann")))
      try await desk.hub.lookForSteps()
      _ = try await desk.desk.accept(offer, by: "ann")
      try await desk.hub.lookForSteps()
      try await desk.hub.lookForSteps()
      _ = try await desk.desk.resolve(ticket.id, by: "ann", reason: nil)
      try await desk.hub.lookForSteps()
      try await desk.hub.lookForSteps()
      await desk.hub.end()
      var states: [String] = []
      for await event in ann.events where event.text.hasPrefix("event: ticket") {
        states.append(event.text.contains(#""state":"assigned""#) ? "assigned" : "not assigned")
      }
      #expect(states == ["assigned", "not assigned"])
    }
  }

  @Test func limitsStreamsPerAgent() async throws {
    try await StaffedDesk.with { desk in
      var streams: [StreamHub.Subscription] = []
      for _ in 0..<ConsoleBounds.streamsPerAgent {
        streams.append(try #require(await desk.hub.join("ann", with: StreamKey.of("ann"))))
      }
      #expect(await desk.hub.join("ann", with: StreamKey.of("ann")) == nil)
      let bob = try #require(await desk.hub.join("bob", with: StreamKey.of("bob")))
      await desk.hub.end()
      // Each is asked whether its reader is still there.
      for stream in streams { #expect(await names(stream) == ["retry: 1000", ": ping"]) }
      #expect(await names(bob) == ["retry: 1000"])
    }
  }

  @Test func slowReadersAreDisconnected() async throws {
    try await StaffedDesk.with { desk in
      let ann = try #require(await desk.hub.join("ann", with: StreamKey.of("ann")))
      for _ in 0...ConsoleBounds.eventsPerStream { try await desk.hub.ping() }
      // Ends without `end()`: the hub has disconnected it.
      #expect(await names(ann).count == ConsoleBounds.eventsPerStream)
    }
  }
}
