import CommandLineTool
import DeskCore
import Foundation
import PolicyReading
import Simulator
import Store
import TestKit
import TestStore
import Testing

@testable import CapacityPlanning

/// A desk is filled by the steps that services take, with marked names and texts, and recorded into a file.
@Suite("Recording a desk")
struct DeskRecorderTests {
  private static let yaml = """
    version: 1
    teams: { care: {} }
    skills: { refund: {} }
    agents:
      - { id: markada, teams: [care], skills: { refund: 7 }, languages: [en], capacity: 4 }
      - { id: markbo, teams: [care], capacity: 2 }
    queues: { general: { teams: [care] } }
    rules:
      - { name: phones, when: { product_line: [phones] }, queue: general, priority: high }
    default_queue: general
    triage: { queue: general, below: 0.1 }
    service_levels:
      - { name: all, first_response: 1h }
    channels: { web: { replies: fetch } }
    """

  private func open(
    _ customer: String, productLine: String, in store: DeskStore, under policy: Policy
  ) async throws -> Ticket {
    let accepted = try await store.accept(
      store.message(
        from: customer, externalID: "MARK-external-\(customer)-\(productLine)", text: "MARK words of \(customer)"))
    let ticket = try await store.ticket(of: accepted)
    var decision = policy.decide(
      RoutingFacts(
        channel: "web", tier: .standard, labels: .of(category: "billing"), text: "MARK words",
        openedAt: ticket.openedAt, productLine: productLine))
    decision.message = accepted.message
    return try await store.take(ticket, .routed(decision), under: policy, decides: [accepted.message])
  }

  /// Two tickets of one customer, the first worked on by both agents; one of another customer who is waiting.
  private func fill(_ store: DeskStore, under policy: Policy) async throws {
    try await store.matching.adoptAgents(of: policy)
    for agent in ["markada", "markbo"] { _ = try await store.matching.setPresence(.available, of: AgentID(agent)) }
    var ticket = try await open("MARK-cara", productLine: "phones", in: store, under: policy)
    ticket = try await offer(ticket, to: "markbo", in: store, under: policy) { id in
      .declined(id, by: "markbo", reason: "MARK not mine")
    }
    ticket = try await offer(ticket, to: "markada", in: store, under: policy) { id in
      .accepted(id, by: "markada", reason: "MARK mine")
    }
    let reply = OutgoingMessage(
      id: try await store.fresh(), isPublic: true, author: "markada", body: "MARK an answer")
    ticket = try await store.take(
      ticket, .replied(reply.id, by: "markada", awaitsCustomer: false), under: policy, outgoing: reply)
    ticket = try await store.take(ticket, .resolved(by: "markada", reason: "MARK settled"), under: policy)
    try await store.take(ticket, .reopenWindowPassed, under: policy)
    _ = try await open("MARK-cara", productLine: "MARK of Cara's order", in: store, under: policy)
    _ = try await open("MARK-dan", productLine: "", in: store, under: policy)
  }

  private func offer(
    _ ticket: Ticket, to agent: AgentID, in store: DeskStore, under policy: Policy, _ answer: (OfferID) -> TicketEvent
  ) async throws -> Ticket {
    let now = try await store.now()
    let offer = Offer(id: try await store.fresh(), agent: agent, offeredAt: now, expiresAt: now + .seconds(30))
    let offered = try await store.take(ticket, .offered(offer), under: policy)
    return try await store.take(offered, answer(offer.id), under: policy)
  }

  private func with(_ body: (_ record: (String) async throws -> Void, TemporaryFolder) async throws -> Void)
    async throws
  {
    try await TestDatabase.with(connections: 2, hasPartitions: true) { store in
      let version = try await store.access.applyPolicy(document: Self.yaml, by: "MARK operator")
      let policy = try PolicyDocument(yaml: Self.yaml, version: version).policy
      let from = try await store.now() - .seconds(1)
      try await fill(store, under: policy)
      let recorder = DeskRecorder(
        store: store, policy: policy,
        stretch: Recording.Stretch(
          from: from, to: try await store.now() + .seconds(1), zone: "UTC", policyVersion: version, workers: [:]))
      let folder = try TemporaryFolder()
      defer { folder.remove() }
      try await body(
        { path in
          _ = try await RecordingFile.create(path: path) { append in
            try await recorder.run(write: append) { _ in }
          }
        }, folder)
    }
  }

  @Test func theFileHasWhatHappenedAndNothingOfAnybody() async throws {
    try await with { record, folder in
      let path = folder.path("a.recording")
      try await record(path)
      let bytes = try #require(FileManager.default.contents(atPath: path))
      #expect(bytes.range(of: Data("MARK".utf8)) == nil, "a name or text of a person is in the file")
      #expect(bytes.range(of: Data("cara".utf8)) == nil && bytes.range(of: Data("Cara".utf8)) == nil)
      #expect(bytes.range(of: Data("markada".utf8)) == nil && bytes.range(of: Data("markbo".utf8)) == nil)
      let attributes = try FileManager.default.attributesOfItem(atPath: path)
      #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)

      let recording = try RecordingFile.read(path: path)
      #expect(recording.agents.count == 2)
      let ada = try #require(recording.agents.first { $0.profile.skills == ["refund": 7] })
      #expect(ada.profile.teams == ["care"] && ada.profile.capacity == 4 && ada.changes.last?.presence == .available)
      #expect(recording.tickets.count == 3)
      let first = try #require(recording.tickets.first { $0.end != nil })
      #expect(first.end?.how == .resolved && first.messages.map(\.author) == [.customer, .agent])
      #expect(first.offers.map(\.answer) == [.declined, .accepted] && first.offers.last?.agent == ada.profile.id)
      #expect(first.hands.map(\.endedBy) == ["resolved"] && first.hands.first?.agent == ada.profile.id)
      #expect(first.decision?.productLine == "phones" && first.decision?.priority == .high)
      #expect(first.decision?.labels.category == "billing" && first.firstDue != nil && !first.isFirstLate)
      let again = try #require(recording.tickets.first { $0.customer == first.customer && $0.id != first.id })
      #expect(again.decision?.productLine.hasPrefix("product-line-") == true, "the policy does not name it")
      #expect(again.end == nil && again.hands.isEmpty)
    }
  }

  @Test func twoRecordingsHaveNoPseudonymInCommon() async throws {
    try await with { record, folder in
      var names: [Set<String>] = []
      for name in ["a", "b"] {
        try await record(folder.path(name))
        let recording = try RecordingFile.read(path: folder.path(name))
        names.append(
          Set(recording.tickets.flatMap { [$0.id, $0.customer] } + recording.agents.map(\.profile.id.rawValue)))
      }
      #expect(names[0].count == 7 && names[0].isDisjoint(with: names[1]))
      await #expect(throws: CommandFailure.self, "an existing file is not replaced") {
        try await record(folder.path("a"))
      }
    }
  }

  @Test func aTruncatedFileIsRefusedWithItsLine() async throws {
    try await with { record, folder in
      try await record(folder.path("a"))
      let bytes = try #require(FileManager.default.contents(atPath: folder.path("a")))
      try bytes.dropLast(10).write(to: URL(filePath: folder.path("cut")))
      #expect {
        _ = try RecordingFile.read(path: folder.path("cut"))
      } throws: { error in
        (error as? CommandFailure).map { $0.status == .wrongCall && $0.problem.contains("line 7: not a JSON object") }
          ?? false
      }
    }
  }

  @Test(
    "a stretch is refused with the option and the remedy",
    arguments: [
      ("2026-03-02", "2026-03-01", nil, "--from 2026-03-02 is not before --to 2026-03-01"),
      ("2026-03-02", "yesterday", nil, "--to yesterday is not a day or time"),
      ("2026-03-02T25:00", "2026-03-02", nil, "--from 2026-03-02T25:00 is not a day or time"),
      ("2026-03-02", "2026-03-02", "Mars/Base", "--zone Mars/Base is unknown"),
      ("2026-01-01", "2026-03-02", nil, "longer than 31 days"), ("2026-03-02", "2026-03-09", nil, "in the future"),
    ])
  func wrongStretches(from: String, to: String, zone: String?, message: String) throws {
    let now = try #require(RFC3339.instant("2026-03-05T00:00:00Z"))
    #expect {
      _ = try RecordedSpan(from: from, to: to, zone: zone, now: now)
    } throws: { error in
      (error as? CommandFailure).map { $0.status == .wrongCall && $0.problem.contains(message) && $0.remedy != nil }
        ?? false
    }
  }

  @Test func daysBeginInTheirZone() throws {
    let now = try #require(RFC3339.instant("2026-03-05T00:00:00Z"))
    let span = try RecordedSpan(from: "2026-03-02", to: "2026-03-03T09:30", zone: "Asia/Shanghai", now: now)
    #expect(span.from == RFC3339.instant("2026-03-01T16:00:00Z") && span.to == RFC3339.instant("2026-03-03T01:30:00Z"))
  }
}
