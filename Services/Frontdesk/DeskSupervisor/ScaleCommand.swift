package import ArgumentParser
import CommandLineTool
import DeskCore
import Foundation
import Store

/// Shows and chooses how many processes of a service run.
package struct ScaleCommand: AsyncParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "scale", abstract: "Show and choose how many processes of a service run, and plan peaks.",
    discussion: """
      A number is kept until another is chosen; `auto` leaves it to the load: the desk starts more at once, and takes one \
      away after another when the load has been low for a while. `frontdesk up` follows within a second, and so do the \
      autoscalers of deploy/. Nothing else restarts; surplus processes finish their work, the newest stop first.
      """,
    subcommands: [SetScale.self, PeakCommand.self], defaultSubcommand: SetScale.self)

  package init() {}
}

/// `frontdesk scale [SERVICE auto|N]`
struct SetScale: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "set", abstract: "Choose a number of processes; without a service, show all numbers and why.")

  @Argument(help: "router, classifier, intake, sla-watcher or notifier; without it, all are shown.")
  var service: ServiceKind?

  @Argument(
    help: "The target number of processes, or auto for routers, classifiers and intakes.",
    transform: { try WorkerChoice.read($0) })
  var count: WorkerChoice?

  @OptionGroup var desk: DeskOptions

  func validate() throws {
    guard (service == nil) == (count == nil) else { throw ValidationError("say how many: frontdesk scale router 4") }
    if let service, count == .auto, ElasticService(rawValue: service.rawValue) == nil {
      throw ValidationError(
        "only \(ElasticService.allCases.map(\.rawValue).joined(separator: ", ")) follow the load: say a number")
    }
  }

  func run() async throws {
    guard let service, let count else {
      let (rows, now) = try await desk.withStore { (try await $0.capacity.rows(), try await $0.now()) }
      return Terminal.say(ScaleTable.text(rows, now: now))
    }
    let local = desk.localDeskIfAny().flatMap { $0.supervisor == nil ? nil : $0 }
    if local != nil || service == .console || service == .executor, let reason = service.reasonForBeingOne {
      throw CommandFailure(
        "there is always one \(service.rawValue), because \(reason)",
        remedy: "scale classifier, router, sla-watcher or notifier", status: .wrongCall)
    }
    if count.count == 0 {
      Terminal.complain("with no \(service.rawValue) its work waits until another number is chosen")
    }
    let choose = {
      try await desk.withStore { try await $0.capacity.choose(service.rawValue, count.count, by: NSUserName()) }
    }
    guard let local, let number = count.count else {
      try await choose()
      let row = try await desk.withStore { try await $0.capacity.rows() }.first { $0.service == service.rawValue }
      return Terminal.say(row.map(ScaleTable.sentence) ?? "")
    }
    let reached = try await Scaling(socket: local.controlSocket, service: service, count: number)
      .run(choosing: choose) { Terminal.say($0) }
    guard reached.isReached else {
      throw CommandFailure(
        "not reached after \(UpBounds.scaleTimeout.text): \(reached.summary)",
        remedy: "see the reason in \(desk.folderPath)/log/desk.log")
    }
  }
}

extension ServiceKind: ExpressibleByArgument {}

/// The numbers of processes for people.
enum ScaleTable {
  /// All services: who decides, what is wanted and runs, since when, and why.
  static func text(_ rows: [CapacityRow], now: Instant) -> String {
    var table = TextTable([
      ("service", .left), ("mode", .left), ("wanted", .right), ("running", .right), ("from", .right), ("to", .right),
      ("since", .left), ("reason", .left),
    ])
    for row in rows {
      let follows = row.mode == .auto
      table.add([
        row.service, row.mode.rawValue, String(row.wanted), String(row.running), follows ? String(row.base) : "–",
        follows ? String(row.ceiling) : "–", Moment.text(row.changedAt), reason(row),
      ])
    }
    return table.text
  }

  static func sentence(_ row: CapacityRow) -> String {
    "\(row.service): \(row.mode.rawValue), \(row.wanted) wanted, \(row.running) running; \(reason(row))"
  }

  static func reason(_ row: CapacityRow) -> String {
    CapacityReason(row.reason)?.text(in: .english) ?? row.reason.json
  }
}
