import Curl
import DeskCore
import PostgreSQL
import Testing

@testable import Console
@testable import Store

/// Agents without a stream.
@Suite struct SignOfLifeTests {
  private func ask(
    _ client: HTTPClient, _ url: String, _ method: String, _ path: String, _ key: String, _ body: String? = nil
  ) async throws -> Int {
    try await client.send(
      HTTPClient.Request(
        method: method, url: url + path,
        headers: ["authorization": "Bearer \(key)", "content-type": "application/json"],
        body: body.map { Array($0.utf8) } ?? [])
    ).status
  }

  private func fallSilent(_ desk: StaffedDesk) async throws {
    try await desk.store.pool.executeScript("UPDATE desk.agent_state SET seen_at = now() - interval '1 hour'")
  }

  @Test func anAgentWhoOnlyWritesNotesStaysPresent() async throws {
    try await StaffedDesk.serving { desk, client, url in
      let (ticket, offer) = try await desk.offered(to: "ann")
      _ = try await desk.desk.accept(offer, by: "ann")
      let ann = try await desk.key(.agent, agent: "ann")
      try await fallSilent(desk)
      #expect(try await ask(client, url, "POST", "/v1/tickets/\(ticket.id)/notes", ann, #"{"text":"called"}"#) == 201)
      #expect(try await desk.store.matching.agentsGone(after: .seconds(45)) == ["bob"])
    }
  }

  @Test func readingIsASignOfLifeToo() async throws {
    try await StaffedDesk.serving { desk, client, url in
      let ann = try await desk.key(.agent, agent: "ann")
      try await fallSilent(desk)
      #expect(try await ask(client, url, "GET", "/v1/agents/me/tickets", ann) == 200)
      #expect(try await ask(client, url, "GET", "/v1/agents/me/tickets", "a-key-of-no-one-0123456789") == 401)
      #expect(try await desk.store.matching.agentsGone(after: .seconds(45)) == ["bob"])
    }
  }

  @Test func requestsAreRecordedOncePerPauseAndOnlyThoseWithFullAccess() async throws {
    let now = ContinuousClock.now
    let pause = ConsoleBounds.signOfLifePause
    let (ann, reader) = (StreamKey.of("ann"), StreamKey.of("ann", access: .read))
    try await StaffedDesk.with { desk in
      var isGone: [Bool] = []
      for (key, moment) in [(reader, now), (ann, now), (ann, now + pause / 2), (ann, now + pause)] {
        try await desk.store.pool.executeScript(
          "UPDATE desk.agent_state SET seen_at = now() - interval '1 hour', presence = 'available'")
        await desk.hub.noteRequest(with: key, at: moment)
        isGone.append(try await desk.store.matching.agentsGone(after: .seconds(45)).contains("ann"))
      }
      #expect(isGone == [true, false, true, false])
      // An agent who left is not brought back.
      let isKnown = try await desk.store.matching.setPresence(.offline, of: "ann")
      await desk.hub.noteRequest(with: ann, at: now + pause * 3)
      let row = try await desk.store.matching.agentRows().first { $0.agent == "ann" }
      #expect(isKnown && row?.presence == .offline)
    }
  }
}
