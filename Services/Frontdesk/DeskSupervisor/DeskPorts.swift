import CommandLineTool

/// The ports of a desk, held for the lifetime of this value.
struct DeskPorts: Sendable {
  private let intake, channel, console: LoopbackPort

  /// The ports as listed in the desk's description.
  var numbers: LocalDesk.Ports {
    LocalDesk.Ports(intake: intake.number, channel: channel.number, console: console.number)
  }

  /// Holds the requested ports; else those of the last run, where they are free; else free ones.
  /// - Throws: `CommandFailure` when a requested one is in use.
  init(intake: Int?, channel: Int?, console: Int?, last: LocalDesk.Ports?) throws {
    func hold(_ wanted: Int?, _ last: Int?, _ flag: String) throws -> LoopbackPort {
      if let wanted {
        guard let port = LoopbackPort(wanted) else {
          throw CommandFailure("port \(wanted) is in use", remedy: "name another with \(flag), or omit that option")
        }
        return port
      }
      return try last.flatMap { LoopbackPort($0) } ?? LoopbackPort.held()
    }
    self.intake = try hold(intake, last?.intake, "--port-intake")
    self.channel = try hold(channel, last?.channel, "--port-channel")
    self.console = try hold(console, last?.console, "--port-console")
    guard Set([self.intake.number, self.channel.number, self.console.number]).count == 3 else {
      throw CommandFailure("two services cannot share one port", remedy: "name three different ports, or none")
    }
  }
}
