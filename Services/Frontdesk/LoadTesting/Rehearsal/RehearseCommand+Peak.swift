package import ArgumentParser
import CommandLineTool
import DeskCore
import DeskReporting
import Foundation
import Language

extension RehearseCommand {
  /// `frontdesk rehearse peak`.
  package struct Peak: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
      commandName: "peak",
      abstract:
        "Rehearse a sale day in minutes: base load, then ten times the load, while routers come and go by themselves.",
      discussion: """
        Runs a private desk in a temporary folder, with simulated agents, and with a delay between routers and PostgreSQL, so that a router \
        waits for the database and not for the processor of this machine. What one router carries is measured first; from that and the \
        plan the simulator makes a forecast before the rehearsal begins, and the report shows both beside each other. Exits with 1 when \
        more first responses were late than the aim allows, or when a message was lost.
        """)

    @Option(help: "The policy of the private desk (default: deploy/rehearsal.yaml).")
    var policy: String?

    @Option(help: "Messages per second before and after the peak; each opens a ticket.")
    var base = 2.0

    @Option(help: "How many times the base load the peak is.")
    var factor = 10.0

    @Option(help: "How long the calm before and after the peak lasts.", transform: DurationArgument.read)
    var calm = DurationArgument(.seconds(40), "40s")

    @Option(help: "How long the peak lasts.", transform: DurationArgument.read)
    var peak = DurationArgument(.seconds(90), "90s")

    @Option(help: "The number of simulated agents.")
    var agents = 60

    @Option(help: "The mean time from accepting a ticket to resolving it.", transform: DurationArgument.read)
    var handleTime = DurationArgument(.seconds(1), "1s")

    @Option(
      help: "The delay of each piece of data between routers and PostgreSQL, in each direction.",
      transform: DurationArgument.read)
    var delay = DurationArgument(RehearsalBounds.peakDelay, "60ms")

    @Option(help: "The number of simulated runs of the forecast.")
    var seeds = 30

    @Option(help: "Random seed of the agents; the same seed reproduces their behaviour.")
    var seed: UInt64 = 1

    @Option(help: "Output file for a chart (SVG).")
    var picture: String?

    @Option(help: "The language of the chart: en or zh.", transform: { try language($0) })
    var language: ReportLanguage = .english

    @Flag(help: "Print one JSON object, and nothing else on standard output.")
    var json = false

    package init() {}

    private static func language(_ name: String) throws -> ReportLanguage {
      guard let language = ReportLanguage(rawValue: name) else { throw ValidationError("It must be en or zh.") }
      return language
    }

    package func validate() throws {
      guard base > 0, base <= 1_000 else { throw ValidationError("--base must be above 0 and up to 1000.") }
      guard factor >= 1, factor <= 100 else { throw ValidationError("--factor must be 1 to 100.") }
      guard (1...LoadBounds.agents).contains(agents) else {
        throw ValidationError("--agents must be 1 to \(LoadBounds.agents).")
      }
      guard RehearsalBounds.seeds.contains(seeds) else {
        throw ValidationError(
          "--seeds must be \(RehearsalBounds.seeds.lowerBound) to \(RehearsalBounds.seeds.upperBound).")
      }
      for (name, value) in [("--calm", calm), ("--peak", peak)]
      where value.duration < .seconds(5) || value.duration > .seconds(3_600) {
        throw ValidationError("\(name) must be 5s to 1h.")
      }
      guard delay.duration >= .milliseconds(1), delay.duration <= .seconds(5) else {
        throw ValidationError("--delay must be 1ms to 5s.")
      }
      guard handleTime.duration >= .milliseconds(50), handleTime.duration <= .seconds(600) else {
        throw ValidationError("--handle-time must be 50ms to 10m.")
      }
    }

    package func run() async throws {
      let samples = try SampleFile.examples(path: nil)
      let path = try PrivateDesk.policy(named: policy, default: "rehearsal.yaml")
      let rules = try PolicyFile(path: path).policy
      let behaviour = AgentBehaviour(handleTime: handleTime.duration, acceptShare: 0.95, awaitShare: 0)
      let plan = PeakPlan(
        base: base, factor: factor, calm: calm.duration, peak: peak.duration, behaviour: behaviour, agents: agents,
        seed: seed)
      let desk = RehearsalDesk.Plan(
        policy: path, arguments: ["--routers", "auto"], delay: delay.duration,
        batch: RehearsalBounds.peakItemsPerDecision)
      let (report, forecast) = try await Interruption.cancelling("the rehearsal was interrupted") {
        announce("starting a private desk")
        return try await RehearsalDesk.with(desk) { desk in
          let run = PeakRun(desk: desk, samples: samples.map(\.text), plan: plan, announce: announce)
          announce("measuring what one router carries")
          let router = PeakForecast.Router(
            perSecond: try await run.routerThroughput(), batch: RehearsalBounds.peakItemsPerDecision)
          announce("one router carries \(Int(router.perSecond)) messages per second; simulating \(seeds) runs")
          let forecast = try PeakForecast.of(
            plan, policy: rules, samples: samples, channels: desk.local.keys.channels(), router: router, seeds: seeds)
          announce(Self.sentence(of: forecast))
          return (PeakReport(try await run.run(), beside: forecast, router: router), forecast)
        }
      }
      if let picture {
        try PictureFile.write(
          svg: PeakPicture(report: report, plan: plan, forecast: forecast, language: language).svg, path: picture)
      }
      if json { try ReportWriter.print(report) } else { Terminal.say("\n" + report.text) }
      if !report.isGood { throw ExitCode.failure }
    }

    private static func sentence(of forecast: PeakForecast) -> String {
      let late = forecast.total.reduce(0, +) / Double(max(1, forecast.total.count))
      let routers = forecast.routers.reduce(0, +) / Double(max(1, forecast.routers.count))
      return String(format: "forecast: %.1f %% late, at most %.1f routers", late * 100, routers)
    }

    @Sendable private func announce(_ text: String) {
      if json { Terminal.complain(text) } else { Terminal.say(text) }
    }
  }
}
