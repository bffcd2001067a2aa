package import ArgumentParser
import CommandLineTool
import Foundation

/// Changes how many processes of a service a local desk runs.
package struct ScaleCommand: AsyncParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "scale", abstract: "Change how many processes of a service a local desk runs, while it runs.",
    discussion: """
      Nothing else restarts. Surplus processes finish their work, the newest stop first. Under Compose and Kubernetes, \
      scale with their own tools.
      """)

  @Argument(help: "classifier, router, sla-watcher or notifier; without it, the running processes are shown.")
  var service: ServiceKind?

  @Argument(help: "The target number of processes.")
  var count: Int?

  package init() {}

  @OptionGroup var desk: DeskOptions

  package func validate() throws {
    guard (service == nil) == (count == nil) else { throw ValidationError("say how many: frontdesk scale router 4") }
    if let count, !UpBounds.instancesOfService.contains(count) {
      throw ValidationError("the number must be from 0 to \(UpBounds.instancesOfService.upperBound)")
    }
  }

  package func run() async throws {
    let socket = try desk.localDesk().controlSocket
    guard let service, let count else {
      for member in try ControlClient.ask(.list, socket: socket).members {
        let process = member.processID.map { "process \($0)" } ?? ""
        Terminal.say(
          "\(member.name.padding(toLength: 16, withPad: " ", startingAt: 0))\(member.state.rawValue)  \(process)")
      }
      return
    }
    let reached = try await Scaling(socket: socket, service: service, count: count).run { Terminal.say($0) }
    guard reached.isReached else {
      throw CommandFailure(
        "not reached after \(UpBounds.scaleTimeout.text): \(reached.summary)",
        remedy: "see the reason in \(desk.folderPath)/log/desk.log")
    }
  }
}

extension ServiceKind: ExpressibleByArgument {}
