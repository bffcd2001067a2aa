import DeskCore

/// A sale day in minutes: a calm stretch, a peak, and a calm stretch again.
struct PeakPlan: Sendable {
  /// A stretch with a constant rate.
  struct Phase: Sendable, Equatable {
    var name: String
    var length: Duration
    /// Messages per second; each opens a ticket.
    var rate: Double

    var messages: Int { Int((rate * (length / .seconds(1))).rounded()) }
  }

  var phases: [Phase]
  var behaviour: AgentBehaviour
  /// The number of agents at work.
  var agents: Int
  var seed: UInt64

  /// - Parameters:
  ///   - base: messages per second in the calm stretches.
  ///   - factor: how many times that the peak is.
  init(
    base: Double, factor: Double, calm: Duration, peak: Duration, behaviour: AgentBehaviour, agents: Int, seed: UInt64
  ) {
    phases = [
      Phase(name: "before", length: calm, rate: base), Phase(name: "peak", length: peak, rate: base * factor),
      Phase(name: "after", length: calm, rate: base),
    ]
    self.behaviour = behaviour
    self.agents = agents
    self.seed = seed
  }

  var length: Duration { phases.reduce(.zero) { $0 + $1.length } }
  var messages: Int { phases.reduce(0) { $0 + $1.messages } }
}
