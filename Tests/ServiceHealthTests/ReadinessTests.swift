import ServiceHealth
import Testing

@Suite struct ReadinessTests {
  private let start = ContinuousClock.now

  private func at(_ seconds: Double) -> ContinuousClock.Instant { start + .seconds(seconds) }

  @Test func isReadyWhenAllConditionsHold() {
    var readiness = Readiness()
    readiness.declare("schema")
    readiness.declare("postgres", grace: .seconds(5))
    #expect(!readiness.report(now: start).ready)
    readiness.hold("schema")
    #expect(!readiness.report(now: start).ready)
    readiness.hold("postgres")
    #expect(readiness.report(now: start).ready)
  }

  @Test func toleratesShortFailuresOnlyOfConditionsThatHeld() {
    var readiness = Readiness()
    readiness.declare("postgres", grace: .seconds(5))
    readiness.fail("postgres", reason: "refused", now: start)
    #expect(!readiness.report(now: start).ready)
    readiness.hold("postgres")
    readiness.fail("postgres", reason: "refused", now: at(10))
    readiness.fail("postgres", reason: "still refused", now: at(14))
    let overlooked = readiness.report(now: at(14.9))
    #expect(overlooked.ready)
    #expect(overlooked.conditions.map(\.state) == ["overlooked"])
    #expect(overlooked.conditions.first?.reason == "still refused")
    #expect(!readiness.report(now: at(15)).ready)
    readiness.hold("postgres")
    readiness.fail("postgres", reason: "again", now: at(16))
    #expect(readiness.report(now: at(20)).ready)
  }

  @Test func drainingIsPermanent() {
    var readiness = Readiness()
    readiness.hold("postgres")
    readiness.drain(reason: "signal")
    readiness.hold("postgres")
    let report = readiness.report(now: start)
    #expect(!report.ready)
    #expect(report.conditions.last?.name == "draining")
  }
}
