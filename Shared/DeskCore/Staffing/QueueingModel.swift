/// What a formula predicts for a load and a number of agents.
public protocol QueueingModel: Hashable, Sendable {
  /// The probability that a ticket has to wait.
  var waitProbability: Double { get }
  /// The share of tickets whose customers give up.
  var abandonedShare: Double { get }
  /// The mean wait in seconds of all tickets, answered or abandoned, those that do not wait included; infinite for a queue that grows.
  var meanWaitSeconds: Double { get }
  /// The share of the agents' time in which they are busy.
  var occupancy: Double { get }

  /// The share of all tickets that are answered within a time, in seconds.
  func answeredShare(within seconds: Double) -> Double

  /// The wait that a share of the tickets does not exceed, in seconds; infinite for a queue that grows.
  /// - Parameter share: from 0 to less than 1.
  func waitQuantile(_ share: Double) -> Double
}
