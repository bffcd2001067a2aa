import CommandLineTool

/// Chooses how many processes of a service run, and waits until a running `up` has them ready. Repeating it is harmless.
package struct Scaling: Sendable {
  let socket: String
  let service: ServiceKind
  let count: Int

  /// What was there when it ended.
  package struct Outcome: Sendable {
    /// The number of processes before.
    package let before: Int
    /// Whether exactly the wanted number is there, and all are ready.
    package let isReached: Bool
    /// The processes in words.
    package let summary: String
  }

  /// - Parameter socket: `LocalDesk.controlSocket`.
  package init(socket: String, service: ServiceKind, count: Int) {
    self.socket = socket
    self.service = service
    self.count = count
  }

  /// - Parameters:
  ///   - choose: writes the number to the database, which `up` follows.
  ///   - patience: how long it waits.
  ///   - say: called with what changes.
  /// - Throws: `CommandFailure` when `up` does not answer or refuses.
  package func run(
    choosing choose: () async throws -> Void, patience: Duration = UpBounds.scaleTimeout,
    say: (String) -> Void = { _ in }
  ) async throws -> Outcome {
    let before = try ControlClient.ask(.list, socket: socket).members
    try await choose()
    let number = before.count { $0.service == service.rawValue }
    say("before: \(summary(before))")
    let deadline = ContinuousClock.now + patience
    var shown = ""
    while true {
      let members = try ControlClient.ask(.list, socket: socket).members.filter { $0.service == service.rawValue }
      if members.count == count, members.allSatisfy({ $0.state == .ready }) {
        say("after:  \(summary(members))")
        return Outcome(before: number, isReached: true, summary: summary(members))
      }
      guard ContinuousClock.now < deadline else {
        return Outcome(before: number, isReached: false, summary: summary(members))
      }
      let now = "        \(summary(members))"
      if now != shown { say(now) }
      shown = now
      try await Task.sleep(for: UpBounds.scalePause)
    }
  }

  private func summary(_ members: [ControlAnswer.Member]) -> String {
    let ours = members.filter { $0.service == service.rawValue }
    let parts = ours.map { "\($0.name) \($0.state.rawValue)" }
    return "\(ours.count) \(service.rawValue)" + (parts.isEmpty ? "" : " (\(parts.joined(separator: ", ")))")
  }
}
