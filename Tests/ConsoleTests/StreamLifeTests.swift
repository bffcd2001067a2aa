import Crypto
import Observability
import Store
import SystemPrimitives
import TestKit
import TestService
import Testing

@testable import Console
@testable import DeskCore

/// Streams end with their keys, and report the current state in order.
@Suite struct StreamLifeTests {
  /// Returns what a test scripts, sooner or later.
  private final class ScriptedSource: StreamSource {
    struct State {
      var offered: [Ticket] = []
      var held: [Ticket] = []
      var valid: Set<Identifier<APIKey>> = []
      var touched: [[AgentID]] = []
      var random: SeededGenerator
    }

    let state: PthreadMutex<State>

    init(seed: UInt64) {
      state = PthreadMutex(State(random: SeededGenerator(seed: seed)))
    }

    /// The state at the time of the request, returned after other tasks had their turns.
    private func later<Answer: Sendable>(_ answer: (inout State) -> Answer) async -> Answer {
      let (answer, turns) = state.withLock { state in
        (answer(&state), Int.random(in: 0..<8, using: &state.random))
      }
      for _ in 0..<turns { await Task.yield() }
      return answer
    }

    func ticketsOffered(to agents: [AgentID]) async throws -> [Ticket] { await later { $0.offered } }
    func heldVersions(of agents: [AgentID]) async throws -> [HeldVersion] {
      await later { state in state.held.map { HeldVersion(agent: "ann", ticket: $0.id, version: $0.version) } }
    }
    func tickets(_ ids: [TicketID]) async throws -> [TicketID: Ticket] {
      await later { state in Dictionary(state.held.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first }) }
        .filter { ids.contains($0.key) }
    }
    func messagesForOffer(of ticket: TicketID) async throws -> [StoredMessage] { await later { _ in [] } }
    func newestNotices(for readers: [NoticeReader]) async throws -> [NoticeReader: [StaffNotice]] { [:] }
    func consults(of agents: [AgentID]) async throws -> [AgentID: [StoredConsult]] { [:] }
    func validKeys(among ids: [Identifier<APIKey>]) async throws -> Set<Identifier<APIKey>> {
      await later { $0.valid.intersection(ids) }
    }
    func touch(_ agents: [AgentID]) async throws { await later { $0.touched.append(agents) } }
  }

  private struct Away: Error {}

  /// A database that does not respond.
  private struct AwaySource: StreamSource {
    func ticketsOffered(to agents: [AgentID]) async throws -> [Ticket] { throw Away() }
    func heldVersions(of agents: [AgentID]) async throws -> [HeldVersion] { throw Away() }
    func tickets(_ ids: [TicketID]) async throws -> [TicketID: Ticket] { throw Away() }
    func messagesForOffer(of ticket: TicketID) async throws -> [StoredMessage] { throw Away() }
    func newestNotices(for readers: [NoticeReader]) async throws -> [NoticeReader: [StaffNotice]] { throw Away() }
    func consults(of agents: [AgentID]) async throws -> [AgentID: [StoredConsult]] { throw Away() }
    func validKeys(among ids: [Identifier<APIKey>]) async throws -> Set<Identifier<APIKey>> { throw Away() }
    func touch(_ agents: [AgentID]) async throws {}
  }

  private func hub(_ source: ScriptedSource) -> StreamHub {
    StreamHub(
      store: source, capacity: 8, metrics: MetricsRegistry(),
      logger: .silent)
  }

  private func names(_ subscription: StreamHub.Subscription) async -> [String] {
    var names: [String] = []
    for await event in subscription.events { names.append(String(event.text.prefix { $0 != "\n" })) }
    return names
  }

  // MARK: Keys

  @Test(arguments: ["revoked", "expired"])
  func streamsEndWhenTheirKeyBecomesInvalid(how: String) async throws {
    try await StaffedDesk.with { desk in
      let secret = Array(SHA256.hash(data: Array("the-key-that-ends".utf8)))
      let id: Identifier<APIKey> = try await desk.fresh()
      try await desk.store.access.addKey(
        id: id, digest: secret, role: .agent, channel: nil, agent: "ann", label: "test", lifetime: nil)
      let other = try await desk.key(.agent, agent: "bob")
      let bobs = try #require(try await desk.store.access.key(digest: Array(SHA256.hash(data: Array(other.utf8)))))
      let ann = try #require(await desk.hub.join("ann", with: StreamKey.of("ann", id: id)))
      let bob = try #require(await desk.hub.join("bob", with: bobs))
      try await desk.hub.checkKeys()
      try await desk.hub.ping()
      if how == "revoked" {
        #expect(try await desk.store.access.revokeKey(id))
      } else {
        // A key with a successor and no grace period has expired.
        #expect(
          try await desk.store.access.rotateKey(
            id, to: desk.fresh(), digest: Array(repeating: 9, count: 32), grace: .zero, lifetime: nil))
      }
      _ = try await desk.offered(to: "ann")
      try await desk.hub.checkKeys()
      try await desk.hub.lookForOffers()
      // Ends without `end()`, and was not offered the ticket.
      #expect(await names(ann) == ["retry: 1000", ": ping"])
      await desk.hub.end()
      #expect(await names(bob) == ["retry: 1000", ": ping"], "another agent's stream stays open")
    }
  }

  @Test func streamsStayOpenWhenKeysCannotBeChecked() async throws {
    let hub = StreamHub(
      store: AwaySource(), capacity: 8, metrics: MetricsRegistry(),
      logger: .silent)
    let ann = try #require(await hub.join("ann", with: StreamKey.of("ann")))
    await #expect(throws: Away.self) { try await hub.checkKeys() }
    try await hub.ping()
    await hub.end()
    #expect(await names(ann) == ["retry: 1000", ": ping"])
  }

  @Test func readOnlyStreamsDoNotKeepAgentsPresent() async throws {
    let source = ScriptedSource(seed: 1)
    let hub = hub(source)
    let ann = try #require(await hub.join("ann", with: StreamKey.of("ann", access: .read)))
    let bob = try #require(await hub.join("bob", with: StreamKey.of("bob")))
    try await hub.ping()
    #expect(source.state.withLock { $0.touched } == [["bob"]])
    await hub.leave(bob)
    try await hub.ping()
    #expect(source.state.withLock { $0.touched.last } == [])
    await hub.end()
    #expect(await names(ann) == ["retry: 1000", ": ping", ": ping"])
  }

  // MARK: Order

  @Test func endedOffersAreNeverAnnouncedAgain() async throws {
    let template = PthreadMutex<Ticket?>(nil)
    try await StaffedDesk.with { desk in
      let ticket = try await desk.offered(to: "ann").ticket
      template.withLock { $0 = ticket }
    }
    let ticket = try #require(template.withLock { $0 })
    var announced = 0
    for seed in 1...300 {
      let source = ScriptedSource(seed: UInt64(seed))
      let hub = hub(source)
      let ann = try #require(await hub.join("ann", with: StreamKey.of("ann")))
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { for _ in 0..<20 { try await hub.lookForOffers() } }
        group.addTask { for _ in 0..<20 { try await hub.lookForSteps() } }
        group.addTask {
          source.state.withLock { $0.offered = [ticket] }
          for _ in 0..<10 { await Task.yield() }
          source.state.withLock { $0.offered = [] }
        }
        try await group.waitForAll()
      }
      try await hub.lookForOffers()
      await hub.end()
      let events = await names(ann).filter { $0.hasPrefix("event: offer") }
      #expect(events == [] || events == ["event: offer", "event: offer_ended"], "seed \(seed)")
      announced += events.isEmpty ? 0 : 1
    }
    #expect(announced > 0, "no poll saw the offer")
  }

  @Test func ticketEventsArriveInOrder() async throws {
    let template = PthreadMutex<Ticket?>(nil)
    try await StaffedDesk.with { desk in
      let (ticket, offer) = try await desk.offered(to: "ann")
      _ = try await desk.desk.accept(offer, by: "ann")
      let held = try await desk.store.tickets.tickets(heldBy: "ann").first { $0.id == ticket.id }
      template.withLock { $0 = held }
    }
    let ticket = try #require(template.withLock { $0 })
    var steps = 0
    for seed in 1...200 {
      let source = ScriptedSource(seed: UInt64(seed))
      source.state.withLock { $0.held = [ticket] }
      let hub = hub(source)
      let ann = try #require(await hub.join("ann", with: StreamKey.of("ann")))
      try await hub.lookForSteps()
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { for _ in 0..<20 { try await hub.lookForSteps() } }
        group.addTask { for _ in 0..<20 { try await hub.lookForOffers() } }
        group.addTask {
          for _ in 0..<4 {
            source.state.withLock { $0.held = $0.held.map { Self.stepped($0) } }
            await Task.yield()
          }
        }
        try await group.waitForAll()
      }
      await hub.end()
      var versions: [Int] = []
      for await event in ann.events where event.text.hasPrefix("event: ticket") {
        let line = event.text.split(separator: "\n").dropFirst().first ?? ""
        versions.append(Int(line.split(separator: ".").last ?? "") ?? -1)
      }
      #expect(versions == versions.sorted() && Set(versions).count == versions.count, "seed \(seed): \(versions)")
      steps += versions.count
    }
    #expect(steps > 0, "no poll saw a step")
  }

  private static func stepped(_ ticket: Ticket) -> Ticket {
    var next = ticket
    next.version += 1
    return next
  }
}
