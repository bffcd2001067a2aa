public import DeskCore
public import Store

/// What the desk's own timelines say for a staffing plan: the forecast of tickets, how long they take, and how long customers wait for
/// an answer before they no longer need one.
public struct StaffingBasis: Sendable {
  /// The forecast, with its history.
  public let forecast: ForecastReport
  /// The mean handle time in seconds; nil where no agent had a ticket in the days that were measured.
  public let handlingSeconds: Double?
  /// Patience over all queues; nil where nobody gave up.
  public let patience: PatienceEstimate?
  /// How long it takes until a tenth has given up, in seconds, whatever the distribution; nil when fewer did.
  public let tenthGaveUpSeconds: Double?
  /// The same of each queue that was measured; where a queue has too few to say, the desk's.
  public let workOfQueue: [QueueID: Work]

  /// What was measured of one queue.
  public struct Work: Sendable, Hashable {
    public let handlingSeconds: Double?
    public let patienceSeconds: Double?
  }

  /// The last days of the known history that are measured.
  static let daysMeasured = 28
  /// How many tickets or abandonments of a queue count as its own.
  static let leastCases = 30

  /// Reads all of it.
  /// - Parameter timeout: how long the forecast may take, and how long what is measured beside it.
  /// - Throws: `PostgresError`.
  public static func read(
    _ order: ForecastOrder, from store: DeskStore, policy: Policy, timeout: Duration
  ) async throws -> StaffingBasis {
    let forecast = try await ForecastReport.read(order, from: store, policy: policy, timeout: timeout)
    guard let known = forecast.history.known else { return StaffingBasis(forecast, hands: [], waits: []) }
    let clock = ContinuousClock()
    let deadline = clock.now + timeout
    var hands: [HandTimeSums] = []
    var waits: [WaitSpell] = []
    var day = max(known.lowerBound, known.upperBound + (1 - daysMeasured))
    while day <= known.upperBound {
      let (start, end) = (order.calendar.period(0, of: day).start, order.calendar.period(0, of: day + 1).start)
      let left = max(.milliseconds(10), deadline - clock.now)
      hands += try await store.reports.handTimeSums(from: start, to: end, timeout: left)
      waits += try await store.reports.waitSpells(
        from: start, to: end, limit: DeskHistoryBounds.waitsPerDay,
        timeout: max(.milliseconds(10), deadline - clock.now))
      day = day + 1
    }
    return StaffingBasis(forecast, hands: hands, waits: waits)
  }

  init(_ forecast: ForecastReport, hands: [HandTimeSums], waits: [WaitSpell]) {
    self.forecast = forecast
    let outcomes = Dictionary(grouping: waits, by: \.queue).mapValues { $0.map(WaitOutcome.init) }
    let all = outcomes.values.flatMap(\.self)
    let patience = PatienceEstimate(all)
    self.patience = patience
    tenthGaveUpSeconds = PatienceCurve(all).seconds(untilShare: 0.9)
    let mean = Self.mean(hands)
    handlingSeconds = mean
    var work: [QueueID: Work] = [:]
    for (queue, sums) in Dictionary(grouping: hands, by: \.queue) {
      let own = sums.reduce(0) { $0 + $1.hands } >= Self.leastCases ? Self.mean(sums) : nil
      work[queue] = Work(handlingSeconds: own ?? mean, patienceSeconds: patience?.meanSeconds)
    }
    for (queue, waits) in outcomes {
      guard let own = PatienceEstimate(waits), own.abandoned >= Self.leastCases else { continue }
      work[queue] = Work(handlingSeconds: work[queue]?.handlingSeconds ?? mean, patienceSeconds: own.meanSeconds)
    }
    workOfQueue = work
  }

  private static func mean(_ sums: [HandTimeSums]) -> Double? {
    let hands = sums.reduce(0) { $0 + $1.hands }
    guard hands > 0 else { return nil }
    // A hand of no time at all is none that formulas know.
    return max(StaffingBounds.handlingSeconds.lowerBound, sums.reduce(0) { $0 + $1.seconds } / Double(hands))
  }
}

extension WaitOutcome {
  /// A ticket that was settled while it waited counts as given up; one that was offered, moved or still waits as patient until then.
  fileprivate init(_ wait: WaitSpell) {
    self.init(seconds: max(0, (wait.left - wait.joined).inSeconds), abandoned: wait.end == .settled)
  }
}
