import Testing

@testable import DeskCore

@Suite("A clock that jumps")
struct ClockJumpGuardTests {
  private func guardian() -> ClockJumpGuard { ClockJumpGuard(tolerance: .seconds(2), patience: .seconds(60)) }

  @Test func aSteadyClockIsTrusted() {
    var guardian = guardian()
    for second in Int64(0)...500 {
      // It may also drift slowly, as long as it does not jump.
      let drift = Duration.milliseconds(second * 10)
      #expect(guardian.judge(.at(second) + drift, counter: .seconds(second)) == .steady)
    }
  }

  @Test(arguments: [3_600, -3_600, 5] as [Int64])
  func aRevertedJumpIsIgnored(_ leap: Int64) {
    var guardian = guardian()
    #expect(guardian.judge(.at(0), counter: .seconds(1_000)) == .steady)
    for second in Int64(1)...50 {
      #expect(guardian.judge(.at(second + leap), counter: .seconds(1_000 + second)) == .held(by: .seconds(leap)))
    }
    #expect(guardian.judge(.at(51), counter: .seconds(1_051)) == .steady)
    #expect(
      guardian.judge(.at(52 + leap), counter: .seconds(1_052)) == .held(by: .seconds(leap)), "patience starts over")
  }

  @Test func aLastingJumpIsFollowed() {
    var guardian = guardian()
    #expect(guardian.judge(.at(0), counter: .zero) == .steady)
    #expect(guardian.judge(.at(3_601), counter: .seconds(1)) == .held(by: .seconds(3_600)))
    #expect(guardian.judge(.at(3_660), counter: .seconds(60)) == .held(by: .seconds(3_600)))
    #expect(guardian.judge(.at(3_661), counter: .seconds(61)) == .followed(by: .seconds(3_600)))
    #expect(guardian.judge(.at(3_662), counter: .seconds(62)) == .steady)
  }
}
