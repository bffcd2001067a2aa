import CommandLineTool
import DeskCore
import DeskReporting
import Language
import PolicyReading
import Testing

@testable import DeskSupervisor
@testable import LoadTesting

@Suite("Rehearsals")
struct RehearsalTests {
  @Test("A setting of a service becomes its variable; anything else is refused")
  func settings() throws {
    let setting = try #require(ServiceSetting(argument: "router.credit-window=16"))
    #expect(setting.service == .router)
    #expect(setting.variable == "FRONTDESK_CREDIT_WINDOW")
    #expect(setting.value == "16")
    #expect(ServiceSetting(argument: "sla-watcher.report-folder=/a=b.c")?.value == "/a=b.c")
    for text in ["router", "router.x", "porter.x=1", "router.=1", "router.X=1", "router=1.x", ""] {
      #expect(ServiceSetting(argument: text) == nil, "\(text)")
    }
  }

  @Test("Only the named services take the detour, and a setting reaches its own service alone")
  func surroundings() {
    var surroundings = ServiceEnvironment(
      postgres: "host=/s", ownersPostgres: "host=/o", folder: "/f", ports: .init(intake: 1, channel: 2, console: 3),
      model: "/m", encoder: nil, secondLookPercent: nil, channelSecretKey: "secret", contactKeys: "/keys",
      linksAreBlocked: false, programs: "/programs")
    surroundings.detouredPostgres = "host=/slow"
    surroundings.detoured = [.router]
    surroundings.settings = [ServiceSetting(argument: "router.credit-window=16")].compactMap(\.self)
    let router = surroundings.environment(of: .router, operationsPort: 9, path: nil)
    let classifier = surroundings.environment(of: .classifier, operationsPort: 9, path: nil)
    #expect(router["FRONTDESK_POSTGRES"] == "host=/slow")
    #expect(router["FRONTDESK_CREDIT_WINDOW"] == "16")
    #expect(classifier["FRONTDESK_POSTGRES"] == "host=/s")
    #expect(classifier["FRONTDESK_CREDIT_WINDOW"] == nil)
  }

  @Test("Growth counts as linear from nine tenths on, and a lost message or a slow start is a failure")
  func scaling() {
    func report(_ rates: [(Int, Double)], first: Double = 0.5) -> ScalingReport {
      ScalingReport(
        points: rates.map { ScalingReport.Point(routers: $0.0, perSecond: $0.1) }, firstWorkSeconds: first,
        ledger: LedgerVerdict())
    }
    #expect(report([(1, 100), (2, 200), (4, 360)]).isGood)
    #expect(!report([(1, 100), (2, 200), (4, 359)]).isGood)
    #expect(!report([(1, 100)], first: 1.1).isGood)
    var lost = report([(1, 100)])
    lost.ledger.lost = 1
    #expect(!lost.isGood)
    #expect(report([(2, 100), (4, 180)]).share(of: .init(routers: 4, perSecond: 180)) == 0.9)
  }

  @Test("A router's decisions are read from its metrics")
  func decisions() {
    let metrics = """
      # TYPE frontdesk_router_accept_to_decision_seconds histogram
      frontdesk_router_accept_to_decision_seconds_bucket{le="+Inf"} 12
      frontdesk_router_accept_to_decision_seconds_count 12
      """
    #expect(ScalingRun.decisions(in: metrics) == 12)
    #expect(ScalingRun.decisions(in: "") == 0)
  }

  @Test("The forecast of a rehearsal follows from its plan, and fewer messages than one router carries are not late")
  func forecast() throws {
    let policy = try policy()
    let samples = [
      LabelledExample(text: "a", label: "refund"), LabelledExample(text: "b", label: "logistics"),
    ]
    func forecast(_ factor: Double) throws -> PeakForecast {
      try PeakForecast.of(
        PeakPlan(
          base: 4, factor: factor, calm: .seconds(10), peak: .seconds(20),
          behaviour: AgentBehaviour(handleTime: .milliseconds(200), acceptShare: 1, awaitShare: 0), agents: 60, seed: 1),
        policy: policy, samples: samples, channels: ["web"], router: .init(perSecond: 12, batch: 4), seeds: 3)
    }
    let calm = try forecast(1)
    #expect(calm.total == [0, 0, 0])
    #expect(calm.series.count == 40)
    let peak = try forecast(10)
    #expect(peak.total == (try forecast(10)).total)
    #expect((peak.backlog.min() ?? 0) > (calm.backlog.max() ?? 0))
  }

  private func policy() throws -> Policy {
    let root = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
    return try PolicyFile(path: "/\(root)/deploy/rehearsal.yaml").policy
  }
}
