public import DeskCore
public import Store

/// What the desk's own timelines say for a staffing plan: the forecast of tickets, and what was measured of their work and waits.
public struct StaffingBasis: Sendable {
  /// The forecast, with its history.
  public let forecast: ForecastReport
  public let measures: StaffingMeasures

  /// The last days of the known history that are measured.
  static let daysMeasured = 28

  /// Reads all of it.
  /// - Parameter timeout: how long the forecast may take, and how long what is measured beside it.
  /// - Throws: `PostgresError`.
  public static func read(
    _ order: ForecastOrder, from store: DeskStore, policy: Policy, timeout: Duration
  ) async throws -> StaffingBasis {
    let forecast = try await ForecastReport.read(order, from: store, policy: policy, timeout: timeout)
    var hands: [HandTimeSums] = []
    var waits: [WaitSpell] = []
    if let known = forecast.history.known {
      let clock = ContinuousClock()
      let deadline = clock.now + timeout
      var day = max(known.lowerBound, known.upperBound + (1 - daysMeasured))
      while day <= known.upperBound {
        let (start, end) = (order.calendar.period(0, of: day).start, order.calendar.period(0, of: day + 1).start)
        hands += try await store.reports.handTimeSums(
          from: start, to: end, timeout: max(.milliseconds(10), deadline - clock.now))
        waits += try await store.reports.waitSpells(
          from: start, to: end, limit: DeskHistoryBounds.waitsPerDay,
          timeout: max(.milliseconds(10), deadline - clock.now))
        day = day + 1
      }
    }
    return StaffingBasis(forecast: forecast, measures: StaffingMeasures(hands: hands, waits: waits))
  }
}

/// How long tickets take, and how long customers wait for an answer before they no longer need one.
public struct StaffingMeasures: Sendable, Hashable {
  /// What was measured of one queue; nil for what is not known.
  struct Work: Sendable, Hashable {
    let handlingSeconds: Double?
    let patienceSeconds: Double?
  }

  /// The mean handle time in seconds; nil where no agent had a ticket.
  public let handlingSeconds: Double?
  /// Patience over all queues; nil where nobody gave up.
  public let patience: PatienceEstimate?
  /// How long it takes until a tenth has given up, in seconds, whatever the distribution; nil when fewer did.
  public let tenthGaveUpSeconds: Double?
  /// Of each queue that was measured; where a queue has too few cases to say, the desk's.
  let workOfQueue: [QueueID: Work]

  /// How many hands or abandonments of a queue count as its own.
  static let leastCases = 30

  /// Nothing was measured.
  public static let none = StaffingMeasures(hands: [], waits: [])

  /// Measures hand times, and waits: one that ended with an offer, or in any other way than that the ticket was settled, is censored.
  init(hands: [HandTimeSums], waits: [WaitSpell]) {
    let outcomes = Dictionary(grouping: waits, by: \.queue).mapValues { $0.map(WaitOutcome.init) }
    let all = outcomes.values.flatMap(\.self)
    let patience = PatienceEstimate(all)
    let mean = Self.mean(hands)
    var work: [QueueID: Work] = [:]
    for (queue, sums) in Dictionary(grouping: hands, by: \.queue) {
      let count = sums.reduce(0) { $0 + $1.hands }
      work[queue] = Work(
        handlingSeconds: count >= Self.leastCases ? Self.mean(sums) : mean, patienceSeconds: patience?.meanSeconds)
    }
    for (queue, waits) in outcomes {
      guard let own = PatienceEstimate(waits), own.abandoned >= Self.leastCases else { continue }
      work[queue] = Work(handlingSeconds: work[queue]?.handlingSeconds ?? mean, patienceSeconds: own.meanSeconds)
    }
    self.patience = patience
    handlingSeconds = mean
    tenthGaveUpSeconds = PatienceCurve(all).seconds(untilShare: 0.9)
    workOfQueue = work
  }

  private static func mean(_ sums: [HandTimeSums]) -> Double? {
    let hands = sums.reduce(0) { $0 + $1.hands }
    guard hands > 0 else { return nil }
    let seconds = sums.reduce(0) { $0 + $1.seconds }
    // A hand of no time at all is none that formulas know.
    return max(StaffingBounds.handlingSeconds.lowerBound, seconds / Double(hands))
  }

  /// What a plan assumes: what a person states counts more than what was measured.
  /// - Returns: what is assumed of all queues, and of single ones; nil where the handling time is neither stated nor measured.
  /// - Throws: `StaffingError` for values outside of `StaffingBounds`.
  public func work(
    handlingSeconds handling: Double? = nil, patienceSeconds stated: Double? = nil
  ) throws(StaffingError) -> (all: StaffingAssumptions.Work, ofQueue: [QueueID: StaffingAssumptions.Work])? {
    guard let mean = handling ?? handlingSeconds else { return nil }
    var ofQueue: [QueueID: StaffingAssumptions.Work] = [:]
    for (queue, work) in workOfQueue {
      ofQueue[queue] = try StaffingAssumptions.Work(
        handlingSeconds: handling ?? work.handlingSeconds ?? mean,
        patienceSeconds: stated ?? work.patienceSeconds ?? .infinity)
    }
    let all = try StaffingAssumptions.Work(
      handlingSeconds: mean, patienceSeconds: stated ?? patience?.meanSeconds ?? .infinity)
    return (all, ofQueue)
  }
}

extension WaitOutcome {
  /// A ticket that was settled while it waited counts as given up.
  fileprivate init(_ wait: WaitSpell) {
    self.init(seconds: max(0, (wait.left - wait.joined).inSeconds), abandoned: wait.end == .settled)
  }
}
