import DeskCore
import Foundation
import HTTPService
import Observability
import ServiceProcess
import Store
import TestService
import TestStore
import Testing
import UseCases

@testable import Intake

@Suite("PersonalDataMask")
struct PersonalDataMaskTests {
  private static let secret = "13912345678"

  /// A message with the secret in everything that a channel can send.
  private static let full = MessageDraft(
    id: "id \(secret)", customer: "customer \(secret)", text: "text \(secret)", subject: "subject \(secret)",
    thread: "thread \(secret)", sentAt: Instant(seconds: 1),
    attributes: [.init(name: "name \(secret)", value: "value \(secret)")],
    attachments: [
      .init(
        url: "https://example.com/\(secret)", mediaType: "image/png; name=\"\(secret).png\"", name: "\(secret).png")
    ], contact: .init(name: "name \(secret)", phone: secret, email: "\(secret)@example.com"))

  /// Returns the paths of all texts in a value, and of missing parts.
  private func fields(of value: Any, path: String = "") -> (texts: [String: String], absent: [String]) {
    if let text = value as? String { return ([path: text], []) }
    let mirror = Mirror(reflecting: value)
    if mirror.displayStyle == .optional, mirror.children.isEmpty { return ([:], [path]) }
    var all: (texts: [String: String], absent: [String]) = ([:], [])
    for child in mirror.children {
      let isWrapper = mirror.displayStyle == .optional || mirror.displayStyle == .collection
      let inner = fields(of: child.value, path: isWrapper ? path : path + "/" + (child.label ?? ""))
      all.texts.merge(inner.texts) { $1 }
      all.absent += inner.absent
    }
    return all
  }

  @Test(
    "masks everything that a customer wrote, except what the system operates on; new fields must be decided here")
  func masksEveryField() {
    #expect(fields(of: Self.full).absent == [], "fill every field of the message")
    let all = fields(of: Self.full).texts
    #expect(all.values.allSatisfy { $0.contains(Self.secret) })
    let masked = fields(of: PersonalDataMask(IntakeMetrics(registry: MetricsRegistry())).masked(Self.full)).texts
    #expect(masked.keys.sorted() == all.keys.sorted())
    let kept = masked.filter { $0.value.contains(Self.secret) }.keys.sorted()
    #expect(kept == ["/attachments/url", "/contact/email", "/contact/name", "/contact/phone", "/customer", "/id"])
  }

  @Test("attributes whose names become equal keep their values")
  func attributesWithEqualNamesKeepTheirValues() {
    let draft = MessageDraft(
      id: "m", customer: "c", text: "t", subject: nil, thread: nil, sentAt: nil,
      attributes: [
        .init(name: "13800138000", value: "1"), .init(name: "13900139000", value: "2"),
        .init(name: "[phone]", value: "3"),
        .init(name: "[phone] 2", value: "4"),
      ], attachments: [])
    let masked = PersonalDataMask(IntakeMetrics(registry: MetricsRegistry())).masked(draft).attributes
    #expect(Set(masked.map(\.name)).count == 4)
    #expect(masked.map(\.value) == ["1", "2", "3", "4"] && !masked.contains { $0.name.contains("13") })
  }

  @Test("without a readable policy everything is masked; with one, only where it says so")
  func withoutAPolicyEverythingIsMasked() {
    #expect(PersonalDataMask.isAsked(for: "web", under: nil))
    var policy = Policy(
      version: 1, teams: [:], agents: [:], queues: [:], rules: [], defaultQueue: "q", triageQueue: "q",
      triageThreshold: 0, serviceLevels: [], calendars: [:], channels: [:], hooks: [:])
    #expect(!PersonalDataMask.isAsked(for: "web", under: policy))
    for masks in [true, false] {
      policy.channels["web"] = ChannelPolicy(
        id: "web", weight: 1, replyHook: nil, reopenWindow: .seconds(1), masksPersonalData: masks)
      #expect(PersonalDataMask.isAsked(for: "web", under: policy) == masks)
    }
  }
}

@Suite("Rating comments, with PostgreSQL", .serialized)
struct MaskedCommentTests {
  private static let document = """
    version: 1
    teams: { orders: {} }
    queues: { parcels: { teams: [orders] } }
    rules: [{ name: rest, queue: parcels }]
    default_queue: parcels
    triage: { queue: parcels, below: 0.35 }
    agents: [{ id: ann, teams: [orders], capacity: 4 }]
    channels:
      web: { mask_personal_data: true }
      app: {}
    """

  @Test(
    "a rating's comment is masked if the channel's policy asks for it, and the same comment again changes nothing"
  )
  func masksComments() async throws {
    try await TestDatabase.with(hasPartitions: true) { store in
      _ = try await store.access.applyPolicy(document: Self.document, by: "test")
      let policy = PolicyFollower(store: store, logger: .silent)
      try await policy.look()
      let clock = try await DatabaseClock(asking: store)
      let route = FeedbackRoute(
        stepper: TicketStepper(store: store, clock: clock, policy: policy) { _ in },
        metrics: IntakeMetrics(registry: MetricsRegistry()),
        masksPersonalData: { PersonalDataMask.isAsked(for: $0, under: policy.current) })
      let body = #"{"solved": true, "rating": 5, "comment": "thanks, 13912345678 or ann@example.com"}"#
      let form = try FeedbackRoute.Form(JSONBody(bytes: Array(body.utf8)))
      for (channel, kept) in [
        ("web", "thanks, [phone] or [mail]"), ("app", "thanks, 13912345678 or ann@example.com"),
      ] as [(ChannelID, String)] {
        let ticket = try await answered(on: channel, store, policy)
        let recorded = try await route.record(ticket.id, of: channel, form).ticket
        let rating = try #require(await store.conversations.rating(of: ticket.id))
        #expect(try await store.conversations.message(#require(rating.comment))?.body == kept)
        #expect(try await route.record(ticket.id, of: channel, form).ticket.version == recorded.version)
      }
    }
  }

  /// A ticket that an article answered.
  private func answered(on channel: ChannelID, _ store: DeskStore, _ policy: PolicyFollower) async throws -> Ticket {
    let acceptance = try await store.accept(store.message(from: "cara", on: channel, externalID: "m"))
    let ticket = try await store.ticket(of: acceptance)
    let policy = try #require(policy.current)
    var decision = policy.decide(
      RoutingFacts(
        channel: channel, tier: .standard, labels: .of(category: "c"), text: "words", openedAt: ticket.openedAt))
    decision.message = acceptance.message
    let reply = try await OutgoingMessage(id: store.fresh(), answerOf: "hours", body: "From nine to five.")
    return try await store.take(
      ticket, .answered(decision, "hours", reply.id), under: policy, decides: [acceptance.message], outgoing: reply)
  }
}
