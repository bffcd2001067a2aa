import DeskCore
import Store
import Testing
import ZeroMQ

@testable import Intake

@Suite struct ReplySubscriptionsTests {
  private let start = ContinuousClock.now
  private let user: ChannelUser
  private let envelope = ChannelEnvelope([[7], [], []])

  init() throws {
    user = ChannelUser(channel: "web", key: try CurveKeyPair.generate().publicKey)
  }

  private func second(_ number: Int) -> ContinuousClock.Instant { start + .seconds(number) }

  private func reply(_ number: Int64) -> (reply: MessageID, sequence: Int64) {
    (MessageID(high: 0, low: UInt64(number)), number)
  }

  private func turn(_ peer: [UInt8], after: Int64, room: Int) -> ReplySubscriptions.Turn {
    ReplySubscriptions.Turn(peer: peer, user: user, envelope: envelope, after: after, room: room)
  }

  @Test func repliesAreSentWithinTheWindowAndAgainFromTheOldestThatIsNotAcknowledged() {
    var machine = ReplySubscriptions()
    #expect(machine.turns(now: second(0)) == [])
    #expect(machine.isEmpty)
    #expect(machine.subscribe([1], as: user, envelope: envelope, window: 3, now: second(0)) == true)
    #expect(machine.turns(now: second(0)) == [turn([1], after: 0, room: 3)])
    machine.sent([reply(1), reply(2)], to: [1], now: second(0))
    #expect(machine.turns(now: second(1)) == [turn([1], after: 2, room: 1)])
    machine.sent([reply(5)], to: [1], now: second(1))
    #expect(machine.turns(now: second(1)) == [], "the window is full")
    machine.acknowledge([reply(2).reply], of: "app")
    #expect(machine.turns(now: second(2)) == [], "another channel acknowledges nothing here")
    machine.acknowledge([reply(2).reply], of: "web")
    #expect(machine.turns(now: second(2)) == [turn([1], after: 5, room: 1)], "each on its own")
    #expect(machine.turns(now: second(9)) == [turn([1], after: 5, room: 1)])
    // The first was not acknowledged in time: it comes again, and the fifth after it.
    #expect(machine.turns(now: second(10)) == [turn([1], after: 0, room: 3)])
    machine.sent([reply(1), reply(5)], to: [1], now: second(10))
    machine.acknowledge([reply(1).reply, reply(5).reply], of: "web")
    #expect(machine.turns(now: second(59)) == [turn([1], after: 0, room: 3)])
    #expect(machine.turns(now: second(60)) == [], "not renewed")
    #expect(machine.isEmpty)
  }

  @Test func theNewestSubscriptionIsServedAndTheOthersTakeOver() throws {
    var machine = ReplySubscriptions()
    #expect(machine.subscribe([1], as: user, envelope: envelope, window: 2, now: second(0)) == true)
    machine.sent([reply(1)], to: [1], now: second(0))
    // The client has reconnected: what its old connection did not acknowledge comes again at once.
    #expect(machine.subscribe([2], as: user, envelope: envelope, window: 2, now: second(5)) == true)
    #expect(machine.turns(now: second(5)) == [turn([2], after: 0, room: 2)])
    // A renewal does not take over.
    #expect(machine.subscribe([1], as: user, envelope: envelope, window: 1, now: second(50)) == true)
    #expect(machine.turns(now: second(50)) == [turn([2], after: 0, room: 2)])
    #expect(machine.turns(now: second(65)) == [turn([1], after: 0, room: 1)])
    machine.end([1])
    #expect(machine.turns(now: second(65)) == [])
    // Each channel has its own.
    let other = ChannelUser(channel: "app", key: try CurveKeyPair.generate().publicKey)
    #expect(machine.subscribe([3], as: user, envelope: envelope, window: 2, now: second(70)) == true)
    #expect(machine.subscribe([4], as: other, envelope: envelope, window: 2, now: second(70)) == true)
    let turns = machine.turns(now: second(70))
    #expect(turns.map(\.peer) == [[4], [3]])
  }

  @Test func theNumberOfSubscriptionsIsLimited() {
    var machine = ReplySubscriptions(capacity: 1)
    #expect(machine.subscribe([1], as: user, envelope: envelope, window: 1, now: second(0)) == true)
    #expect(machine.subscribe([1], as: user, envelope: envelope, window: 2, now: second(1)) == true, "a renewal")
    #expect(machine.subscribe([2], as: user, envelope: envelope, window: 1, now: second(1)) == false)
    #expect(
      machine.subscribe([2], as: user, envelope: envelope, window: 1, now: second(61)) == true, "the first has ended")
  }

  @Test func streamsAreCountedUntilTheirPlaceIsGone() {
    let streams = ReplyStreams(all: 3, perKey: 2)
    let one = Identifier<APIKey>(high: 0, low: 1)
    let two = Identifier<APIKey>(high: 0, low: 2)
    var places = [streams.open(one), streams.open(one)]
    #expect(places.allSatisfy { $0 != nil } && streams.open(one) == nil)
    places.append(streams.open(two))
    #expect(places[2] != nil && streams.open(two) == nil, "all keys together")
    places.removeAll()
    places.append(streams.open(one))
    #expect(places[0] != nil)
  }
}
