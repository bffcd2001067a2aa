package import ArgumentParser
import CommandLineTool
import Foundation

extension RehearseCommand {
  /// `frontdesk rehearse scaling`.
  package struct Scaling: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
      commandName: "scaling",
      abstract: "Measure how throughput grows with the number of routers, and that scaling in loses nothing.",
      discussion: """
        Runs a private desk in a temporary folder. Everything between routers and PostgreSQL is delayed, so that a router waits for the \
        database and not for the processor of this machine. Exits with 1 when the growth is under \(ScalingReport.linear) of linear, when a \
        new router takes its first work later than one second after its start, or when a message was lost.
        """)

    @Option(help: "The policy of the private desk (default: deploy/desk.yaml).")
    var policy: String?

    @Option(
      help: "The delay of each piece of data between routers and PostgreSQL, in each direction.",
      transform: DurationArgument.read)
    var delay = DurationArgument(RehearsalBounds.delay, "40ms")

    @Option(help: "How long each number of routers is measured.", transform: DurationArgument.read)
    var time = DurationArgument(RehearsalBounds.measuredTime, "12s")

    @Flag(help: "Print one JSON object, and nothing else on standard output.")
    var json = false

    package init() {}

    package func validate() throws {
      guard delay.duration >= .milliseconds(1), delay.duration <= .seconds(5) else {
        throw ValidationError("--delay must be 1ms to 5s.")
      }
      guard time.duration >= .seconds(1), time.duration <= .seconds(600) else {
        throw ValidationError("--time must be 1s to 600s.")
      }
    }

    package func run() async throws {
      let samples = try SampleFile.texts(path: nil)
      let plan = RehearsalDesk.Plan(
        policy: try PrivateDesk.policy(named: policy), arguments: ["--routers", "1"], delay: delay.duration,
        batch: RehearsalBounds.itemsPerDecision)
      let report = try await Interruption.cancelling("the rehearsal was interrupted") {
        announce("starting a private desk")
        return try await RehearsalDesk.with(plan) { desk in
          try await ScalingRun(
            desk: desk, samples: samples, counts: RehearsalBounds.routers, measuredTime: time.duration,
            announce: announce
          ).report()
        }
      }
      if json { try ReportWriter.print(report) } else { Terminal.say("\n" + report.text) }
      if !report.isGood { throw ExitCode.failure }
    }

    @Sendable private func announce(_ text: String) {
      if json { Terminal.complain(text) } else { Terminal.say(text) }
    }
  }
}
