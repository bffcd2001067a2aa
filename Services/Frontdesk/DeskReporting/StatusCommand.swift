package import ArgumentParser
import CommandLineTool
import DeskSupervisor
import Foundation
import Store

/// `frontdesk status`.
package struct StatusCommand: AsyncParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Show services, backlogs, late tickets, agents and dead letters, with remedies.",
    discussion: "Exits with 1 when something is red, or the database cannot be reached.")

  @OptionGroup var desk: DeskOptions

  @Flag(help: "Wait until every service is ready.")
  var wait = false

  @Option(help: "How long to wait.", transform: DurationArgument.read)
  var timeout = DurationArgument(.seconds(60), "60s")

  @Flag(help: "Refresh every second until Ctrl-C.")
  var watch = false

  @Flag(help: "Print one JSON object.")
  var json = false

  package init() {}

  package func validate() throws {
    guard !(wait && watch), !(json && watch) else {
      throw ValidationError("--watch cannot be combined with --wait or --json.")
    }
  }

  package func run() async throws {
    if wait { return try await waitUntilReady() }
    if watch { return try await keepShowing() }
    let report = try await report()
    if json {
      try ReportWriter.print(report)
    } else {
      Terminal.say(StatusText.text(report, colours: Terminal.isInteractive))
    }
    if report.verdict.level == .red { throw ExitCode.failure }
  }

  /// The desk may be starting for the first time: its description and its database may not exist yet.
  private func waitUntilReady() async throws {
    let deadline = ContinuousClock.now + timeout.duration
    while true {
      let problem: String
      do {
        let living = try await desk.withStore(requestTimeout: .seconds(5)) { store in
          StatusReport.services(try await store.fleet.livingInstances(), now: try await store.now())
        }
        var missing = living.filter { $0.ready == 0 || $0.starting > 0 }.map(\.name)
        if missing.isEmpty { missing = processesNotReady() }
        if missing.isEmpty { return Terminal.say("all services are ready") }
        problem = "not ready: \(missing.joined(separator: ", "))"
      } catch {
        problem = "\(error)"
      }
      guard ContinuousClock.now < deadline else {
        throw CommandFailure("after \(timeout) not every service was ready: \(problem)")
      }
      try await Task.sleep(for: Ledger.lookInterval)
    }
  }

  /// Returns the processes of a local desk that are restarting or not ready yet: `up` notices a death at once, the database only by
  /// a missing heartbeat.
  private func processesNotReady() -> [String] {
    keptProcesses().filter { $0.state != .ready && $0.state != .draining }.map(\.name)
  }

  /// Returns the processes supervised by a local desk's `up`; none where it does not answer, or the desk is run by something else.
  private func keptProcesses() -> [ControlAnswer.Member] {
    guard let local = desk.localDeskIfAny() else { return [] }
    return (try? ControlClient.ask(.list, socket: local.controlSocket).members) ?? []
  }

  private func report() async throws -> StatusReport {
    let processes = keptProcesses()
    return try await desk.withStore(requestTimeout: .seconds(5)) { store in
      try await StatusReport.read(store, processes: processes.map(StatusReport.Process.init))
    }
  }

  private func keepShowing() async throws {
    let clear = Terminal.isInteractive ? TerminalText.clearedScreen : TerminalText("")
    while true {
      let text: TerminalText
      do {
        text = StatusText.text(try await report(), colours: Terminal.isInteractive)
      } catch {
        text = TerminalText("● RED  \(error)")
      }
      Terminal.say(clear + text)
      try await Task.sleep(for: .seconds(1))
    }
  }
}
