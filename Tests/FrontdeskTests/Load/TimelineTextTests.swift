import Testing

@testable import DeskReporting

@Suite("Timeline text")
struct TimelineTextTests {
  private static let decision = """
    {"message":"m","queue":"returns","priority":"high","rule":"vip","service_level":null,"category":"refund",\
    "intent":"refund","confidence":0.91,"urgency":"high","sentiment":"negative","language":"zh-Hans","model":"v1",\
    "policy":3,"skills":["returns:6"]}
    """

  @Test("A decision names queue, priority, rule, skills and policy, and omits missing values")
  func decision() {
    #expect(
      TimelineText(kind: "queued", detail: Self.decision).sentence
        == "queued in returns at priority high, by rule “vip”, needs returns:6, policy 3")
    #expect(
      TimelineText(kind: "queued", detail: Self.decision).labels
        == "refund (refund, confidence 0.91), urgency high, negative, zh-Hans, model v1")
  }

  @Test("An offer names the agent, without the reason")
  func offer() {
    let detail = #"{"agent":"agent-001","why":{"able":4}}"#
    #expect(TimelineText(kind: "offered", detail: detail).sentence == "offered to agent-001")
    #expect(TimelineText(kind: "offered", detail: detail).labels == nil)
  }

  @Test("A pause shows its count and end, a ticket's end the unanswered clocks")
  func endings() {
    let declined = TimelineText(
      kind: "declined", detail: #"{"agent":"ann","times":3,"not_before_us":1772442045000000,"reason":"busy"}"#
    ).sentence
    #expect(declined.hasPrefix("declined: busy (3 times in a row); not offered to them again before 2026-03-02 "))
    #expect(
      TimelineText(kind: "resolved", detail: #"{"unanswered":["first_response"]}"#).sentence
        == "resolved (unanswered: first response)")
    #expect(TimelineText(kind: "resolved", detail: "{}").sentence == "resolved")
  }

  @Test("A progress notice names the state")
  func progress() {
    let detail = #"{"progress":"waiting","occurrence":1,"language":"zh"}"#
    #expect(TimelineText(kind: "progress_sent", detail: detail).sentence == "notified the customer: waiting")
  }

  @Test("Unknown kinds and unreadable details are shown as far as possible")
  func unknown() {
    #expect(TimelineText(kind: "put_aside", detail: "{}").sentence == "put aside")
    #expect(TimelineText(kind: "offer_withdrawn", detail: "not json").sentence == "the offer to ? was withdrawn (?)")
  }
}
