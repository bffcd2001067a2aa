import Testing

@testable import DeskCore

@Suite("One clock of a service level")
struct ServiceLevelClockTests {
  /// A clock that has 1,000 s from `morning` on.
  private func running() -> ServiceLevelClock {
    var clock = ServiceLevelClock()
    clock.start(ServiceLevelTarget(allowed: .seconds(1_000), from: .morning, in: .always))
    return clock
  }

  @Test func sharesFallWhereTheyShould() {
    let clock = running()
    #expect(clock.earlyAt == .at(750))
    #expect(clock.lateAt == .at(900))
    #expect(clock.dueAt == .at(1_000))
    #expect(clock.nextAt == .at(750))
  }

  @Test func eachShareIsToldOnce() {
    var clock = running()
    #expect(clock.tell(at: .at(749)) == nil)
    #expect(clock.tell(at: .at(750)) == 75)
    #expect(clock.tell(at: .at(751)) == nil)
    #expect(clock.nextAt == .at(900))
    #expect(clock.tell(at: .at(900)) == 90)
    #expect(clock.nextAt == .at(1_000))
    #expect(clock.tell(at: .at(1_000)) == 100)
    #expect(clock.tell(at: .at(5_000)) == nil)
    #expect(clock.nextAt == nil)
  }

  @Test(arguments: [(800, 75), (950, 90), (1_000, 100), (90_000, 100)])
  func jumpingPastSharesTellsOnlyTheHighest(_ second: Int64, _ share: Int) {
    var clock = running()
    #expect(clock.tell(at: .at(second)) == share)
    #expect(clock.tell(at: .at(second)) == nil)
  }

  @Test func aPauseShiftsWhatIsAhead() {
    var clock = running()
    clock.pause(at: .at(100))
    #expect(clock.nextAt == nil)
    #expect(clock.tell(at: .at(5_000)) == nil)
    clock.pause(at: .at(200))
    clock.resume(at: .at(300))
    #expect(clock.earlyAt == .at(950))
    #expect(clock.dueAt == .at(1_200))
    clock.resume(at: .at(400))
    #expect(clock.dueAt == .at(1_200))
  }

  @Test func aStopEndsItAndOnlyOnce() {
    var clock = running()
    clock.meet(at: .at(500))
    clock.meet(at: .at(600))
    #expect(clock.metAt == .at(500))
    #expect(clock.nextAt == nil)
    #expect(clock.tell(at: .at(2_000)) == nil)
    clock.pause(at: .at(700))
    #expect(clock.pausedAt == nil)
  }

  @Test func goingOnLeavesOutTheTimeBetween() {
    var clock = running()
    clock.meet(at: .at(500))
    clock.goOn(at: .at(800))
    #expect(clock.isRunning)
    #expect(clock.dueAt == .at(1_300))
  }

  @Test func stoppedDuringAPauseItGoesOnFromThePause() {
    var clock = running()
    clock.pause(at: .at(200))
    clock.meet(at: .at(500))
    clock.goOn(at: .at(800))
    #expect(clock.isRunning)
    #expect(clock.dueAt == .at(1_600))
  }

  @Test func whatWasToldStaysToldAfterGoingOn() {
    var clock = running()
    #expect(clock.tell(at: .at(750)) == 75)
    clock.meet(at: .at(760))
    clock.goOn(at: .at(1_760))
    #expect(clock.tell(at: .at(1_800)) == nil)
    #expect(clock.nextAt == .at(1_900))
  }

  @Test func startingAgainChangesNothing() {
    var clock = running()
    clock.start(ServiceLevelTarget(allowed: .seconds(5), from: .at(3), in: .always))
    #expect(clock == running())
  }

  @Test func aClockThatNeverStartedStandsStill() {
    var clock = ServiceLevelClock()
    clock.pause(at: .at(1))
    clock.resume(at: .at(2))
    clock.meet(at: .at(3))
    clock.goOn(at: .at(4))
    #expect(clock.tell(at: .at(9_999)) == nil)
    #expect(clock == ServiceLevelClock())
  }

  @Test(arguments: UInt64(1)...20)
  func theTimeCountedNeverExceedsWhatWasAllowed(_ seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var clock = running()
    var now: Int64 = 0
    var counted: Int64 = 0
    var told: [Int] = []
    for _ in 0..<200 {
      let step = Int64.random(in: 0...20, using: &random)
      if clock.isRunning { counted += step }
      now += step
      switch Int.random(in: 0..<5, using: &random) {
      case 0: clock.pause(at: .at(now))
      case 1: clock.resume(at: .at(now))
      case 2: clock.meet(at: .at(now))
      case 3:
        // A reopening ends a pause as well: the ticket is back with us.
        if clock.metAt != nil { clock.goOn(at: .at(now)) }
      default: break
      }
      if clock.isRunning {
        let reached = counted >= 1_000 ? 100 : counted >= 900 ? 90 : counted >= 750 ? 75 : 0
        if let share = clock.tell(at: .at(now)) {
          #expect(share == reached)
          told.append(share)
        }
        #expect(reached == Int(clock.toldPercent))
        #expect(clock.dueAt == .at(now - counted + 1_000))
      }
    }
    #expect(told == Array(Set(told)).sorted())
  }
}

@Suite("The clocks of a ticket together")
struct ServiceLevelClocksTests {
  private func targets(first: Int64?, resolution: Int64?, pauses: Bool = true) -> ServiceLevelTargets {
    func target(_ seconds: Int64?) -> ServiceLevelTarget? {
      seconds.map { ServiceLevelTarget(allowed: .seconds($0), from: .morning, in: .always) }
    }
    return ServiceLevelTargets(
      policy: "p", firstResponse: target(first), resolution: target(resolution), pausesWhilePending: pauses)
  }

  @Test func theNextCheckIsTheEarlierOfBoth() {
    var clocks = ServiceLevelClocks()
    #expect(clocks.nextCheckAt == nil)
    clocks.start(targets(first: nil, resolution: 4_000), from: .morning)
    #expect(clocks.nextCheckAt == .at(3_000))
    clocks.start(targets(first: 1_000, resolution: nil), from: .morning)
    #expect(clocks.nextCheckAt == .at(750))
  }

  @Test func bothTellAtOnceWhenBothAreReached() {
    var clocks = ServiceLevelClocks()
    clocks.start(targets(first: 1_000, resolution: 1_200), from: .morning)
    let notices = clocks.tell(at: .at(1_000))
    #expect(notices.map(\.clock) == [.firstResponse, .resolution])
    #expect(notices.map(\.sharePercent) == [100, 75])
    #expect(notices.map(\.dueAt) == [.at(1_000), .at(1_200)])
  }

  @Test func thePolicySaysWhetherWaitingForTheCustomerCounts() {
    var counting = ServiceLevelClocks()
    counting.start(targets(first: 1_000, resolution: 1_000, pauses: false), from: .morning)
    counting.pauseForCustomer(at: .at(10))
    #expect(counting.resolution.isRunning)
    var pausing = ServiceLevelClocks()
    pausing.start(targets(first: 1_000, resolution: 1_000), from: .morning)
    pausing.pauseForCustomer(at: .at(10))
    #expect(!pausing.resolution.isRunning)
    #expect(pausing.firstResponse.isRunning, "the first response is ours to give")
  }

  @Test func aReopenedTicketOwesNoSecondFirstResponse() {
    var clocks = ServiceLevelClocks()
    clocks.start(targets(first: 1_000, resolution: 1_000), from: .morning)
    clocks.stop(at: .at(100))
    clocks.reopen(at: .at(400))
    #expect(!clocks.firstResponse.isRunning)
    #expect(clocks.resolution.dueAt == .at(1_300))
  }
}
