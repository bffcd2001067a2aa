import Testing

@testable import DeskCore

/// The stored form of every kind of entry. These texts are in the databases of desks: a change here is a change of the stored form.
@Suite("Timeline entries keep their stored form")
struct TimelineGoldenTests {
  @Test(arguments: TimelineEntry.Kind.allCases)
  func everyKindIsWrittenAndReadAsStored(_ kind: TimelineEntry.Kind) throws {
    let goldens = try TimelineGolden.all(of: kind)
    #expect(!goldens.isEmpty)
    for golden in goldens {
      #expect(golden.event.kind == kind)
      #expect(golden.event.detail.json == golden.json)
      #expect(golden.event.json == golden.json)
      let stored = try #require(JSONValue(json: golden.json))
      #expect(TimelineEvent(kind, detail: stored) == golden.event)
      // As PostgreSQL returns it, and with a member of a later build.
      guard case .object(let fields) = stored.canonical else {
        Issue.record("not an object: \(golden.json)")
        return
      }
      let later = JSONValue.object([.init("later", .list([.null]))] + fields)
      #expect(TimelineEvent(kind: kind.rawValue, detail: later.json) == golden.event)
    }
  }

  @Test(arguments: TimelineEntry.Kind.allCases)
  func everyMemberIsInAGolden(_ kind: TimelineEntry.Kind) throws {
    var names: Set<String> = []
    for golden in try TimelineGolden.all(of: kind) {
      guard case .object(let fields)? = JSONValue(json: golden.json) else { continue }
      names.formUnion(fields.map(\.name))
    }
    #expect(names == Set(TimelineEvent.keys(of: kind)))
  }

  @Test(arguments: TimelineEntry.Kind.allCases, [#"{"reason_sha256":"00"}"#, "{}", "[]", "no JSON"])
  func entriesWithoutTheirMembersAreRead(_ kind: TimelineEntry.Kind, detail: String) {
    #expect(TimelineEvent(kind: kind.rawValue, detail: detail) == TimelineEvent(kind, detail: .object([])))
  }

  @Test func membersOfAnotherTypeAreIgnored() {
    let detail = #"{"offer":7,"agent":["ann"],"times":"often","not_before_us":5,"reason":"busy"}"#
    guard case .declined(let ended)? = TimelineEvent(kind: "declined", detail: detail) else {
      Issue.record("not read")
      return
    }
    #expect(ended.offer == nil && ended.agent == nil && ended.times == nil)
    #expect(ended.notBefore == Instant(microseconds: 5) && ended.reason == "busy")
  }

  /// Sealed timelines keep the names that they were written with.
  @Test func namesOfEarlierBuildsAreRead() {
    #expect(
      TimelineEvent(kind: "judged", detail: #"{"solved":true}"#)
        == TimelineEvent(kind: "feedback_received", detail: #"{"solved":true}"#))
    guard case .absorbed(let absorbed)? = TimelineEvent(kind: "absorbed", detail: #"{"reply_owed_since_us":7}"#) else {
      Issue.record("not read")
      return
    }
    #expect(absorbed.replyDueSince == Instant(microseconds: 7))
  }

  @Test func decisionsOfEarlierBuildsAreRead() {
    for golden in TimelineGolden.earlierDecisions {
      #expect(TimelineEvent(kind: "queued", detail: golden.json) == golden.event)
    }
  }

  @Test func anUnknownKindIsNotRead() {
    #expect(TimelineEvent(kind: "sang", detail: "{}") == nil)
  }

  /// Builds that kept less of a choice kept its time.
  @Test func theTimeOfAChoiceIsReadWithoutItsInputs() {
    let detail = #"{"offer":"00000000-0000-0000-0000-000000000001","why":{"able":1,"input":{"now_us":7}}}"#
    guard case .offered(let offered)? = TimelineEvent(kind: "offered", detail: detail) else {
      Issue.record("not read")
      return
    }
    #expect(offered.offer == .number(1) && offered.choice == nil)
    #expect(offered.decidedAt == Instant(microseconds: 7))
  }

  @Test(arguments: [
    TimelineEntry.Actor.customer, .agent("ann"), .service("router"), .operator("0190a000-0000-7000-8000-000000000001"),
  ])
  func actorsAreReadAsWritten(_ actor: TimelineEntry.Actor) {
    #expect(TimelineEntry.Actor(actor.text) == actor)
  }

  @Test(arguments: ["", "agent", "robot:r2", "customer:c"])
  func otherActorsAreNotRead(_ text: String) {
    #expect(TimelineEntry.Actor(text) == nil)
  }
}
