import ArgumentParser
import Foundation
import Store

/// `frontdesk status`.
struct StatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Show services, backlogs, late tickets, agents and dead letters, and what to do about them.",
    discussion: "Ends with 1 when something is red, or the database cannot be reached.")

  @OptionGroup var desk: DeskOptions

  @Flag(help: "Wait until every service is ready.")
  var wait = false

  @Option(help: "How long to wait.", transform: DurationArgument.read)
  var timeout = DurationArgument(.seconds(60), "60s")

  @Flag(help: "Show it again every second until Ctrl-C.")
  var watch = false

  @Flag(help: "Print one JSON object.")
  var json = false

  func validate() throws {
    guard !(wait && watch), !(json && watch) else {
      throw ValidationError("--watch goes with neither --wait nor --json.")
    }
  }

  func run() async throws {
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

  /// The desk may be in the middle of its first start: neither its description nor its database need be there yet.
  private func waitUntilReady() async throws {
    let deadline = ContinuousClock.now + timeout.duration
    while true {
      let problem: String
      do {
        let living = try await desk.withStore(requestTimeout: .seconds(5)) { store in
          StatusReport.services(try await store.livingInstances(), now: try await store.now())
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
      try await Task.sleep(for: LoadBounds.lookInterval)
    }
  }

  /// The processes of a local desk that are started again or not ready yet: their keeper sees a death at once, the database by a
  /// heartbeat that does not come.
  private func processesNotReady() -> [String] {
    keptProcesses().filter { $0.state == .waiting || $0.state == .starting }.map(\.name)
  }

  /// The processes that the `up` of a local desk keeps; none where it does not answer, or the desk is kept by others.
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
