import Store
import Testing

@testable import LoadTesting

@Suite("Fault schedule")
struct FaultScheduleTests {
  @Test("The same seed gives the same schedule, whatever the order of the kinds")
  func sameSeed() {
    let first = FaultSchedule(seed: 7, count: 200, kinds: FaultKind.allCases)
    #expect(first == FaultSchedule(seed: 7, count: 200, kinds: FaultKind.allCases.reversed()))
    #expect(first != FaultSchedule(seed: 8, count: 200, kinds: FaultKind.allCases))
  }

  @Test("A longer schedule starts with the shorter one")
  func prefix() {
    let short = FaultSchedule(seed: 3, count: 20, kinds: FaultKind.allCases)
    #expect(short.faults == Array(FaultSchedule(seed: 3, count: 90, kinds: FaultKind.allCases).faults.prefix(20)))
  }

  @Test("A schedule stays the same from build to build")
  func known() {
    let texts = FaultSchedule(seed: 7, count: 4, kinds: [.kill, .scale, .pause]).faults.map(\.text)
    #expect(
      texts == ["kill sla-watcher#2", "kill router#2", "scale classifier to 3 for 2.3 s", "pause executor#1 for 5.5 s"])
  }

  @Test("Every round has each kind as often as its weight")
  func rounds() {
    let round = FaultKind.allCases.reduce(0) { $0 + $1.weight }
    let kinds = FaultSchedule(seed: 1, count: round * 3, kinds: FaultKind.allCases).faults.map(\.kind)
    for start in [0, round, round * 2] {
      for kind in FaultKind.allCases {
        #expect(kinds[start..<start + round].count { $0 == kind } == kind.weight)
      }
    }
  }

  @Test("Only the requested kinds are drawn")
  func only() {
    let schedule = FaultSchedule(seed: 1, count: 50, kinds: [.linksCut, .poison])
    #expect(Set(schedule.faults.map(\.kind)) == [.linksCut, .poison])
    #expect(schedule.faults.map(\.number) == Array(1...50))
  }

  @Test("A fault's parameters are drawn within their bounds", arguments: FaultKind.allCases)
  func bounds(kind: FaultKind) {
    for fault in FaultSchedule(seed: 11, count: 60, kinds: [kind]).faults {
      let services = FaultSchedule.services(of: kind)
      if services.isEmpty {
        #expect(fault.service == nil)
      } else {
        #expect(fault.service.map(services.contains) == true)
      }
      let lengths = FaultSchedule.lengths(of: kind)
      #expect(fault.length >= .milliseconds(lengths.lowerBound) && fault.length <= .milliseconds(lengths.upperBound))
      #expect((0..<(fault.service.flatMap { ChaosDesk.processes[$0] } ?? 1)).contains(fault.instance))
    }
  }

  @Test("A pause outlasts every lease and every heartbeat timeout")
  func pauseOutlastsLeases() {
    #expect(Duration.milliseconds(ChaosBounds.pauseMilliseconds.lowerBound) > FleetBounds.leaseTime)
    #expect(Duration.milliseconds(ChaosBounds.pauseMilliseconds.lowerBound) > FleetBounds.silence)
  }
}
