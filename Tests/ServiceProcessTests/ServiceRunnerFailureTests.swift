import ServiceLifecycle
import SystemPrimitives
import TestService
import Testing

@testable import ServiceHealth
@testable import ServiceProcess

/// Ends that were not requested.
@Suite(.timeLimit(.minutes(3))) struct ServiceRunnerFailureTests {
  private struct Failure: Error {}

  private struct Failing: Service {
    func run() async throws { throw Failure() }
  }

  /// Ignores the graceful shutdown until it is released.
  private struct Stubborn: Service {
    let released: AsyncStream<Void>

    func run() async throws {
      for await _ in released { break }
    }
  }

  @Test func aFailedPartDrainsWithADeadline() async throws {
    let (released, release) = AsyncStream.makeStream(of: Void.self)
    let health = HealthState()
    let statuses = PthreadMutex<[Int32]>([])
    let runner = ServiceRunner(
      services: [Stubborn(released: released), Failing()], health: health, isSupervised: false,
      deadline: .milliseconds(10), logger: .silent,
      forceExit: { status in
        statuses.withLock { $0.append(status) }
        release.yield()
      })
    await #expect(throws: Failure.self) { try await runner.run(stopRequests: { _ in }) }
    #expect(statuses.withLock { $0 } == [1])
    #expect(health.report.conditions == [.init(name: "draining", state: "failing", reason: "a component failed")])
  }
}
