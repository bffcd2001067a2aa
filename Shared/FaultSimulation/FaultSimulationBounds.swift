/// The limits of a simulated run.
package enum FaultSimulationBounds {
  /// Customers write, and faults happen, within these times.
  static let writing: Duration = .seconds(12)
  static let faultsFrom: Duration = .seconds(1)
  static let faultsUntil: Duration = .seconds(14)
  /// The longest fault.
  static let longestFault: Duration = .seconds(6)
  /// Then every fault has ended, and everything runs again.
  static let healed: Duration = .seconds(20)
  /// How long everything may take to be done after that (guarantees I3, I5 and I6): two claims on a delivery of a notifier that died.
  static let settling: Duration = .seconds(150)
  /// How often the run looks whether everything is done.
  static let look: Duration = .milliseconds(250)
  /// Processes of one kind, messages and faults of a run.
  static let processes = 1...3
  static let messages = 4...24
  static let faults = 2...10
  static let customers = 2...8
  /// Lines of a trace that are kept.
  static let traceLines = 100_000
  /// Runs that shrinking one failure may take.
  package static let shrinkingRuns = 120
  /// How long a customer, an agent or a notifier waits for an answer.
  static let answerTimeout: Duration = .seconds(3)
  /// How long a statement may take until its caller gives up.
  static let statementTimeout: Duration = .seconds(5)
  /// Items that a worker process may hold and has granted.
  static let creditWindow = 64
  /// Messages that an intake's link may have.
  static let linkPlaces = 64
  /// Messages on it that make commits wait, and how many workers must finish a second so that it is not faulty: few, as a run has few.
  static let linkDepth = 4
  static let linkSlowestPerSecond = 1.0
  /// Attempts of a router at a batch, and rounds of one attempt.
  static let attemptsPerBatch = 12
  static let decisionRounds = 8
  static let matchingAttempts = 8
  /// Attempts at a message that was tried too often, before it becomes a dead letter.
  static let lastAttempts: Int16 = 5
  /// Deliveries of one hook at once.
  static let lanes = 4
  /// Rows of a periodic task.
  static let rows = 64
}
