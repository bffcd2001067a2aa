import ServiceHealth
import SystemPrimitives
import TestKit
import Testing

@testable import ServiceProcess

@Suite struct LinkReadinessTests {
  @Test func readinessWaitsForTheLinks() async throws {
    let health = HealthState()
    let looks = PthreadMutex(0)
    let links = LinkReadiness(health: health, patience: HangLimit.duration) {
      #expect(!health.report.ready)
      return looks.withLock { looks in
        looks += 1
        return looks == 3
      }
    }
    try await links.run()
    #expect(health.report.ready)
    #expect(looks.withLock { $0 } == 3)
  }

  @Test func aProcessWithoutPeersBecomesReadyToo() async throws {
    let health = HealthState()
    let links = LinkReadiness(health: health, patience: .zero) { false }
    #expect(!health.report.ready)
    try await links.run()
    #expect(health.report.ready)
  }
}
