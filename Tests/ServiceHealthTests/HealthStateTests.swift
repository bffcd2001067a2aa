import Testing

@testable import ServiceHealth

@Suite struct HealthStateTests {
  @Test func untilReadyReturnsWhenEverythingHolds() async {
    let health = HealthState()
    health.declare("postgres")
    health.declare("sockets")
    let waiting = Task { await health.untilReady() }
    health.hold("sockets")
    #expect(!health.report.ready)
    health.hold("postgres")
    await waiting.value
    #expect(health.report.ready)
  }

  @Test func untilReadyEndsWithItsTask() async {
    let health = HealthState()
    health.declare("postgres")
    let waiting = Task { await health.untilReady() }
    waiting.cancel()
    await waiting.value
    #expect(!health.report.ready)
  }
}
