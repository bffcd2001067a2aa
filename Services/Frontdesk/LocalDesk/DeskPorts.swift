/// The ports of a desk, held as long as this lives.
struct DeskPorts: Sendable {
  private let intake, channel, console: LoopbackPort

  /// As the desk's description tells them.
  var numbers: LocalDesk.Ports {
    LocalDesk.Ports(intake: intake.number, channel: channel.number, console: console.number)
  }

  /// The ports that are wanted; else those of the last time, where they are free; else free ones.
  /// - Throws: `CommandFailure` when a wanted one is taken.
  init(intake: Int?, channel: Int?, console: Int?, last: LocalDesk.Ports?) throws {
    func hold(_ wanted: Int?, _ last: Int?, _ flag: String) throws -> LoopbackPort {
      if let wanted {
        guard let port = LoopbackPort(wanted) else {
          throw CommandFailure("port \(wanted) is taken", remedy: "name another with \(flag), or leave that out")
        }
        return port
      }
      return try last.flatMap { LoopbackPort($0) } ?? LoopbackPort.held()
    }
    self.intake = try hold(intake, last?.intake, "--port-intake")
    self.channel = try hold(channel, last?.channel, "--port-channel")
    self.console = try hold(console, last?.console, "--port-console")
    guard Set([self.intake.number, self.channel.number, self.console.number]).count == 3 else {
      throw CommandFailure("two services cannot have one port", remedy: "name three different ports, or none")
    }
  }
}
