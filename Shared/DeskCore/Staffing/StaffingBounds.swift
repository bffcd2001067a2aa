/// The named bounds of staffing: of what its formulas accept, and of how long its searches run.
public enum StaffingBounds {
  // MARK: Input

  /// Tickets that arrive per second.
  public static let arrivalsPerSecond: ClosedRange<Double> = 0...1_000_000
  /// The mean handling time and the mean patience, in seconds. Patience may also be infinite.
  public static let handlingSeconds: ClosedRange<Double> = 0.001...10_000_000
  public static let patienceSeconds: ClosedRange<Double> = 0.001...(.infinity)
  /// The offered load, in Erlangs.
  public static let erlangs: ClosedRange<Double> = 0...50_000
  /// Agents, or places at agents who work on several tickets at once.
  public static let agents = 100_000
  /// The longest patience that makes a difference, in handling times; a longer one counts as this.
  static let patienceInHandlingTimes = 10_000.0
  /// The share of tickets that a target asks for: one of exactly all cannot be promised.
  public static let targetShare: ClosedRange<Double> = 0.01...0.9999
  /// The time within which a target asks for an answer, in seconds.
  public static let targetSeconds: ClosedRange<Double> = 0...10_000_000
  /// The share of paid time in which an agent is not available.
  public static let shrinkage: ClosedRange<Double> = 0...0.9
  /// Tickets that an agent works on at once.
  public static let ticketsPerAgent: ClosedRange<Int> = 1...1_000
  /// Messages per second that a worker handles, and messages of one ticket.
  public static let messagesPerSecond: ClosedRange<Double> = 0...10_000_000
  public static let workerCapacity: ClosedRange<Double> = 0.001...1_000_000
  public static let messagesPerTicket: ClosedRange<Double> = 0.1...1_000
  /// Tickets expected in a period.
  public static let expected: ClosedRange<Double> = 0...10_000_000
  public static let workers = 10_000

  // MARK: Searches and sums

  /// Terms of the sum over the queue's length. At the largest load and patience about 400,000 are needed.
  static let queueTerms = 4_000_000
  /// Halvings of an interval of real numbers; 60 exhaust a double's precision.
  static let halvings = 60
  /// Halvings in search of a wait: to a millionth of the longest.
  static let waitHalvings = 20

  // MARK: Plans

  /// Periods of a plan: a week of half hours for a hundred queues.
  public static let periods = 7 * 48 * 100
  /// The length of a period.
  public static let periodSeconds: ClosedRange<Double> = 60...86_400

  // MARK: Shifts

  /// The grid on which shifts and breaks begin and end.
  public static let gridMinutes = 15
  /// The longest plan that shifts are filled from: a week, which a clock change may prolong.
  public static let planSeconds = 7.0 * 86_400 + 3_600
  /// Kinds of shifts, the starts of each, and the breaks in each.
  public static let templates = 50
  public static let starts = 96
  public static let breaks = 6
  /// The length of a shift, in minutes.
  public static let shiftMinutes: ClosedRange<Int> = 60...(16 * 60)
  /// Shifts that a plan may have.
  public static let shifts = 50_000
  /// Passes over the shifts that look for cheaper ones.
  static let improvementPasses = 3
}
