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
    let before = try ControlClient.ask(.scale(service: service, count: count), socket: socket).members
    Terminal.say("before: \(summary(before, service))")
    let deadline = ContinuousClock.now + UpBounds.scaleTimeout
    var shown = ""
    while true {
      let members = try ControlClient.ask(.list, socket: socket).members.filter { $0.service == service.rawValue }
      if members.count == count, members.allSatisfy({ $0.state == .ready }) {
        Terminal.say("after:  \(summary(members, service))")
        return
      }
      guard ContinuousClock.now < deadline else {
        throw CommandFailure(
          "not reached after \(UpBounds.scaleTimeout.text): \(summary(members, service))",
          remedy: "see the reason in \(desk.folderPath)/log/desk.log")
      }
      let now = "        \(summary(members, service))"
      if now != shown { Terminal.say(now) }
      shown = now
      try await Task.sleep(for: UpBounds.scalePause)
    }
  }

  private func summary(_ members: [ControlAnswer.Member], _ service: ServiceKind) -> String {
    let ours = members.filter { $0.service == service.rawValue }
    let parts = ours.map { "\($0.name) \($0.state.rawValue)" }
    return "\(ours.count) \(service.rawValue)" + (parts.isEmpty ? "" : " (\(parts.joined(separator: ", ")))")
  }
}

extension ServiceKind: ExpressibleByArgument {}
