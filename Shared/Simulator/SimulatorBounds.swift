/// Limits of simulations.
public enum SimulatorBounds {
  /// Days of a scenario.
  public static let days = 1...92
  /// Tickets in the desk at once: the simulation ends with an error beyond it, because nothing that waits that long tells anything.
  public static let openTickets = 4_000_000
  /// How long a simulation goes on after its last arrival, until every ticket is answered or has left.
  public static let longestDrain: Duration = .seconds(7 * 86_400)
  /// Agents of a scenario.
  public static let agents = 20_000
  /// Kinds of tickets, streams of arrivals, groups of agents, rules of handling and faults of a scenario.
  public static let entries = 1_000
  /// Tickets per hour of one stream.
  public static let ratePerHour: ClosedRange<Double> = 0...10_000_000
  /// The least of them that is not 0: one ticket in about a hundred years.
  public static let leastRatePerHour = 1e-6
  /// Values of an empirical distribution.
  public static let empiricalValues = 100_000
  /// Events between two reports of progress.
  static let eventsPerReport = 4_096
  /// Seeds of one comparison.
  public static let seeds = 1...1_000
  /// Bytes of a scenario file.
  public static let scenarioBytes = 1 << 20
  /// Decisions remembered at once; beyond it all are dropped and made again.
  static let decisionsRemembered = 65_536
  /// Tickets whose expected wait is compared with the wait they had: at most one in this time.
  static let estimatePause: Duration = .seconds(2)
  /// How many tickets a router batch may have.
  public static let batch = 1...10_000
  /// Router workers.
  public static let routers = 1...256
}
