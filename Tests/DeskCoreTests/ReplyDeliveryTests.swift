import Testing

@testable import DeskCore

@Suite struct ReplyDeliveryTests {
  private static let reply = MessageID(high: 1, low: 1)

  private func second(_ number: Int64) -> Instant { Instant(seconds: number) }

  private func report(_ state: ReplyState, at seconds: Int64? = nil, reason: String? = nil) -> ReplyReceipt {
    ReplyReceipt(reply: Self.reply, state: state, at: seconds.map(second), reason: reason)
  }

  @Test func aReplyOnItsWay() {
    var delivery = ReplyDelivery(writtenAt: second(10))
    #expect(delivery.state == .queued && delivery.at == second(10) && delivery.reason == nil)
    #expect(delivery.handle(report(.sent), now: second(11)) == .recorded)
    #expect(delivery == ReplyDelivery(state: .sent, at: second(11), reason: nil))
    #expect(delivery.handle(report(.sent), now: second(12)) == .unchanged, "a repetition")
    #expect(delivery.handle(report(.delivered, at: 13), now: second(20)) == .recorded)
    #expect(delivery == ReplyDelivery(state: .delivered, at: second(13), reason: nil))
    #expect(delivery.handle(report(.sent), now: second(21)) == .unchanged, "an earlier report that is late")
    #expect(delivery.handle(report(.read), now: second(22)) == .recorded)
    #expect(delivery.handle(report(.read), now: second(23)) == .unchanged)
    #expect(delivery.handle(report(.delivered), now: second(24)) == .unchanged)
    #expect(delivery.handle(report(.failed, reason: "bounced"), now: second(25)) == .contradicted)
    #expect(delivery == ReplyDelivery(state: .read, at: second(22), reason: nil))
  }

  @Test func aReplyThatFailsAfterItSeemedDelivered() {
    var delivery = ReplyDelivery(writtenAt: second(10))
    #expect(delivery.handle(report(.delivered), now: second(11)) == .recorded, "steps may be skipped")
    #expect(delivery.handle(report(.failed, reason: "window closed"), now: second(12)) == .recorded)
    #expect(delivery == ReplyDelivery(state: .failed, at: second(12), reason: "window closed"))
    #expect(delivery.handle(report(.failed, reason: "another"), now: second(13)) == .unchanged)
    #expect(delivery.handle(report(.sent), now: second(14)) == .unchanged)
    #expect(delivery.handle(report(.delivered), now: second(15)) == .contradicted)
    #expect(delivery.handle(report(.read), now: second(16)) == .contradicted)
    #expect(delivery == ReplyDelivery(state: .failed, at: second(12), reason: "window closed"))
  }

  @Test func everyPairOfStates() {
    let onTheWay: [ReplyState] = [.queued, .sent, .delivered, .read]
    for known in ReplyState.allCases {
      for reported in ReplyState.reportable {
        var delivery = ReplyDelivery(state: known, at: second(1), reason: nil)
        let outcome = delivery.handle(report(reported), now: second(2))
        #expect((outcome == .recorded) == (delivery.state != known), "\(known), \(reported)")
        #expect((outcome == .recorded) == reported.predecessors.contains(known), "\(known), \(reported)")
        guard let from = onTheWay.firstIndex(of: known), let to = onTheWay.firstIndex(of: reported) else { continue }
        #expect((outcome == .recorded) == (from < to), "\(known), \(reported)")
      }
    }
    #expect(ReplyState.failed.predecessors == [.queued, .sent, .delivered])
  }

  @Test func theChannelsTimeCountsOnlyBetweenTheLastChangeAndNow() {
    for (reported, expected) in [(5, 10), (15, 15), (99, 20)] as [(Int64, Int64)] {
      var delivery = ReplyDelivery(state: .sent, at: second(10), reason: nil)
      #expect(delivery.handle(report(.delivered, at: reported), now: second(20)) == .recorded)
      #expect(delivery.at == second(expected))
    }
  }

  @Test func aReasonBelongsToAFailure() {
    #expect(report(.read, reason: "x").reason == nil)
    #expect(report(.failed, reason: "x").reason == "x")
  }
}
