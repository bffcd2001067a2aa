import SystemPrimitives

/// The combined counts of the simulated agents.
final class AgentTally: Sendable {
  struct Counts: Sendable, Equatable {
    var present = 0
    var accepted = 0
    var declined = 0
    var ignored = 0
    var replied = 0
    var asked = 0
    var resolved = 0
    var reconnected = 0
    var failed = 0
    var transferred = 0
    var breaks = 0
    var vanished = 0

    /// A one-line summary.
    var line: String {
      var parts = [
        "\(present) agents online", "\(accepted) accepted", "\(declined) declined", "\(ignored) expired",
        "\(replied) answered", "\(asked) questions asked", "\(resolved) resolved",
      ]
      if transferred > 0 { parts.append("\(transferred) transferred") }
      if breaks > 0 { parts.append("\(breaks) breaks") }
      if vanished > 0 { parts.append("\(vanished) disconnects") }
      if reconnected > 0 { parts.append("\(reconnected) reconnects") }
      if failed > 0 { parts.append("\(failed) steps failed") }
      return parts.joined(separator: " · ")
    }
  }

  private let state = PthreadMutex(Counts())

  var counts: Counts { state.withLock { $0 } }

  func count(_ change: @Sendable (inout Counts) -> Void) {
    state.withLock { change(&$0) }
  }
}
