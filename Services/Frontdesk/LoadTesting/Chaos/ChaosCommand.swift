package import ArgumentParser
import CommandLineTool
import Foundation

/// `frontdesk chaos`.
package struct ChaosCommand: AsyncParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "chaos",
    abstract: "Inject faults into a desk under load, and verify that no message is lost or duplicated.",
    discussion: """
      Runs a private desk with its own database in a temporary folder, with clients sending messages and agents working, and \
      injects one fault after another, drawn from the seed. After each fault it waits until everything acknowledged is decided and \
      checks the acknowledgements against the database. Nothing is left behind. Exits with 1 when a message was lost or duplicated \
      or the desk did not recover.

      Kinds: \(FaultKind.allCases.map(\.rawValue).joined(separator: ", ")).
      """)

  @Option(help: "Random seed; the same seed reproduces the schedule.")
  var seed: UInt64 = 1

  @Option(help: "The number of faults.")
  var faults = 20

  @Option(help: "The kinds of faults to draw from, comma-separated (default: all that are possible here).")
  var only: String?

  @Option(help: "Messages per second of all clients together.")
  var messagesPerSecond = 60.0

  @Option(help: "The policy of the desk (default: deploy/desk.yaml).")
  var policy: String?

  @Flag(help: "Keep the desk's folder with its log when something was found.")
  var keep = false

  @Flag(help: "Only print the schedule.")
  var schedule = false

  @Flag(help: "Print one JSON object, and nothing else on standard output.")
  var json = false

  package init() {}

  package func validate() throws {
    guard ChaosBounds.faults.contains(faults) else {
      throw ValidationError("--faults must be \(ChaosBounds.faults.lowerBound) to \(ChaosBounds.faults.upperBound).")
    }
    guard ChaosBounds.messagesPerSecond.contains(messagesPerSecond) else {
      throw ValidationError(
        "--messages-per-second must be \(ChaosBounds.messagesPerSecond.lowerBound) to \(ChaosBounds.messagesPerSecond.upperBound)."
      )
    }
    _ = try kinds()
  }

  private func kinds() throws -> [FaultKind] {
    guard let only else { return FaultKind.allCases }
    return try only.split(separator: ",").map { name in
      guard let kind = FaultKind(rawValue: String(name)) else {
        throw ValidationError(
          "--only: there is no kind of fault '\(name)'; choose from "
            + FaultKind.allCases.map(\.rawValue).joined(separator: ", ") + ".")
      }
      return kind
    }
  }

  package func run() async throws {
    let wish = ChaosStage.Wish(
      seed: seed, policy: try PrivateDesk.policy(named: policy), messagesPerSecond: messagesPerSecond,
      messages: Int(Double(faults) * ChaosBounds.secondsPerFault * messagesPerSecond), kinds: try kinds(),
      keepsFolder: keep)
    if schedule { return try await show(ChaosStage(wish)) }
    let report = try await Interruption.cancelling("the run was interrupted") {
      let stage = try await ChaosStage(wish)
      let schedule = try self.schedule(of: stage)
      for fault in schedule.faults { announce("  \(fault.number). \(fault.text)") }
      announce("starting a private desk")
      return try await stage.with { desk in
        let report = try await ChaosRun(desk: desk, schedule: schedule, leftOut: stage.obstacles, announce: announce)
          .run()
        return (report, report.isGood)
      }
    }
    if json { try ReportWriter.print(report) } else { Terminal.say(report.text) }
    if !report.isGood { throw ExitCode.failure }
  }

  private func show(_ stage: ChaosStage) throws {
    for fault in try schedule(of: stage).faults { Terminal.say("\(fault.number). \(fault.text)") }
  }

  private func schedule(of stage: ChaosStage) throws -> FaultSchedule {
    for kind in FaultKind.allCases {
      if let reason = stage.obstacles[kind] { announce("left out: \(kind.rawValue), \(reason)") }
    }
    guard !stage.kinds.isEmpty else {
      throw CommandFailure("none of these kinds of faults is possible here", remedy: "choose others with --only")
    }
    return FaultSchedule(seed: seed, count: faults, kinds: stage.kinds)
  }

  private func announce(_ text: String) {
    // Standard output may be reserved for a program.
    if json { Terminal.complain(text) } else { Terminal.say(text) }
  }
}
