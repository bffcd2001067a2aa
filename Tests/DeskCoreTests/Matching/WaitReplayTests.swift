import Testing

@testable import DeskCore

/// Replays of recorded waits, whose errors are calculated by hand.
@Suite struct WaitReplayTests {
  private static let start = Instant(seconds: 1_000_000)

  private static func wait(_ number: Int, _ joined: Int, _ left: Int, isServed: Bool = true) -> WaitReplay.Wait {
    WaitReplay.Wait(
      ticket: TicketID(high: 0, low: UInt64(number)), joined: start + .seconds(joined), left: start + .seconds(left),
      isServed: isServed)
  }

  @Test func nobodyWhoWaitedGivesNoErrors() {
    #expect(WaitReplay([], handlingSeconds: 60, patienceSeconds: nil).errors.isEmpty)
    let atOnce = WaitReplay(
      (0..<5).map { Self.wait($0, $0 * 10, $0 * 10 + 1) }, handlingSeconds: 60, patienceSeconds: nil)
    #expect(atOnce.waited == 0 && atOnce.errors.isEmpty)
  }

  /// One agent who takes ten seconds for each ticket, and a ticket every ten seconds: each waits as long as the one before.
  @Test func inASteadyStreamTheDelayHistoryIsRight() throws {
    let waits = (0..<200).map { Self.wait($0, $0 * 10, $0 * 10 + 45) }
    let replay = WaitReplay(waits, handlingSeconds: 10, patienceSeconds: nil)
    #expect(replay.waited == 200)
    let last = try #require(replay.errors[.lastToEnterService])
    #expect(last.count == 195 && last.allSatisfy { $0 == 0 }, "the first five come before anyone was served")
    // Four wait before each, and the head of them has waited for forty seconds.
    #expect(replay.errors[.headOfLine]?.suffix(100).allSatisfy { $0 == 5 } == true)
    #expect(replay.errors[.queueLength]?.suffix(100).allSatisfy { abs($0 - -5) < 1e-9 } == true)
    // The pace is counted in half minutes: three tickets each.
    let position = try #require(replay.errors[.position]).suffix(100)
    #expect(position.allSatisfy { abs($0) < 8 }, "\(position.max() ?? 0)")
  }

  @Test func thoseWhoLeftWithoutAnAgentAreNotComparedAndTakeNoPlace() {
    let waits = [
      Self.wait(1, 0, 100), Self.wait(2, 10, 20, isServed: false), Self.wait(3, 30, 130), Self.wait(4, 110, 200),
    ]
    let replay = WaitReplay(waits, handlingSeconds: nil, patienceSeconds: 100)
    #expect(replay.waited == 3)
    #expect(replay.errors[.queueLength] == nil, "nothing is known of handling")
    // The third sees the first, who has waited for thirty seconds, and not the second. The fourth sees the third, after eighty.
    #expect(replay.errors[.headOfLine] == [100, 70, 10])
    #expect(replay.errors[.lastToEnterService] == [-10], "only the fourth came after somebody was served")
  }
}
