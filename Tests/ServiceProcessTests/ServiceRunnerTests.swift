import Curl
import Dispatch
import Foundation
import Hummingbird
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import SystemPrimitives
import TestKit
import TestService
import Testing

@testable import HTTPService
@testable import Observability
@testable import ServiceHealth
@testable import ServiceProcess

@Suite(.timeLimit(.minutes(3))) struct ServiceRunnerTests {
  private struct Waiting: Service {
    let started: AsyncStream<Void>.Continuation

    func run() async throws {
      started.yield()
      try await gracefulShutdown()
    }
  }

  /// Ignores the graceful shutdown until it is released.
  private struct Stubborn: Service {
    let released: AsyncStream<Void>

    func run() async throws {
      for await _ in released { break }
    }
  }

  private func quiet() -> Logger { Logger.silent }

  @Test func aStopRequestDrains() async throws {
    let health = HealthState()
    let (started, start) = AsyncStream.makeStream(of: Void.self)
    let runner = ServiceRunner(
      services: [Waiting(started: start)], health: health, isSupervised: false, logger: quiet(),
      forceExit: { _ in Issue.record("nothing forces the end") })
    try await runner.run(stopRequests: { request in
      for await _ in started { break }
      await request("test")
    })
    #expect(health.report.conditions == [.init(name: "draining", state: "failing", reason: "test")])
  }

  @Test(arguments: [true, false]) func aSecondRequestOrTheDeadlineForcesTheStop(isSecond: Bool) async throws {
    let (released, release) = AsyncStream.makeStream(of: Void.self)
    let statuses = PthreadMutex<[Int32]>([])
    let runner = ServiceRunner(
      services: [Stubborn(released: released)], health: HealthState(), isSupervised: false,
      deadline: isSecond ? .seconds(3600) : .milliseconds(10), logger: quiet(),
      forceExit: { status in
        statuses.withLock { $0.append(status) }
        release.yield()
      })
    try await runner.run(stopRequests: { request in
      await request("first")
      if isSecond { await request("second") }
    })
    #expect(statuses.withLock { $0 } == [1])
  }

  @Test func theOperationsServerServesOnlyItsListedPaths() {
    let server = OperationsServer(health: HealthState(), metrics: MetricsRegistry(), logger: quiet())
    #expect(
      Set(server.router().routes.map { "\($0.method.rawValue) \($0.path)" })
        == Set(OperationsServer.paths.flatMap { ["GET \($0)", "HEAD \($0)"] }))
  }

  @Test func theOperationsServerReportsHealthAndMetrics() async throws {
    let health = HealthState()
    health.declare("postgres", reason: "not connected")
    let metrics = MetricsRegistry()
    metrics.counter("x_total", help: "X.").increment()
    let (bound, bind) = AsyncStream.makeStream(of: Int.self)
    let server = OperationsServer(health: health, metrics: metrics, logger: quiet()) { bind.yield($0) }
    let runner = ServiceRunner(services: [server], health: health, isSupervised: false, logger: quiet())
    let seen = PthreadMutex<[String]>([])
    try await runner.run(stopRequests: { request in
      for await port in bound {
        for path in ["livez", "healthz", "readyz", "metrics", "other"] {
          if path == "metrics" { health.hold("postgres") }
          await Self.get("http://127.0.0.1:\(port)/\(path)", into: seen)
        }
        await Self.get("http://127.0.0.1:\(port)/readyz", into: seen)
        break
      }
      await request("done")
    })
    let answers = seen.withLock { $0 }
    try #require(answers.count == 6)
    #expect(answers[0] == "200 ok\n" && answers[1] == "200 ok\n")
    #expect(answers[2].hasPrefix("503") && answers[2].contains("not connected"))
    #expect(answers[3] == "200 # HELP x_total X.\n# TYPE x_total counter\nx_total 1\n")
    #expect(answers[4].hasPrefix("404") && answers[4].contains("Not Found"))
    #expect(answers[5].hasPrefix("200") && answers[5].contains("true"))
  }

  /// As under a flood of connections, when probes must not take the process for a hanging one.
  @Test func theOperationsServerAnswersWhileTheSharedThreadsAreOccupied() async throws {
    let (bound, bind) = AsyncStream.makeStream(of: Int.self)
    let health = HealthState()
    let server = OperationsServer(health: health, metrics: MetricsRegistry(), logger: quiet()) { bind.yield($0) }
    let runner = ServiceRunner(services: [server], health: health, isSupervised: false, logger: quiet())
    let seen = PthreadMutex<[String]>([])
    try await runner.run(stopRequests: { request in
      for await port in bound {
        let occupied = TestSignal()
        let end = DispatchSemaphore(value: 0)
        let loops = Array(MultiThreadedEventLoopGroup.singleton.makeIterator())
        for loop in loops {
          loop.execute {
            occupied.fire()
            end.wait()
          }
        }
        try? await occupied.wait(for: loops.count)
        await Self.get("http://127.0.0.1:\(port)/livez", into: seen)
        for _ in loops { end.signal() }
        break
      }
      await request("done")
    })
    #expect(seen.withLock { $0 } == ["200 ok\n"])
  }

  private static func get(_ url: String, into seen: PthreadMutex<[String]>) async {
    let client = try? HTTPClient()
    let response = try? await client?.send(HTTPClient.Request(url: url))
    let text = response.map { "\($0.status) \(String(decoding: $0.body, as: UTF8.self))" } ?? "no answer"
    seen.withLock { $0.append(text) }
  }
}
