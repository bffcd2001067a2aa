import RealModule

/// Palm's model of a queue with customers who give up (M/M/n + M, "Erlang A"): each waits an exponentially distributed time at most.
///
/// With k tickets waiting, the next one leaves the queue at the rate nμ + kθ; so the queue's length, given that all agents are busy, has
/// the weights w(k) = η^k / ((a + 1) … (a + k)) with η = λ/θ and a = nμ/θ (C. Palm, "Research on telephone traffic carried by full
/// availability groups", 1957; A. Mandelbaum and S. Zeltyn, "Service engineering in action: the Palm/Erlang-A queue", 2007). All figures
/// are sums over these weights. They are taken outwards from the largest, so that nothing overflows at any load and no digits cancel.
public struct ErlangA: QueueingModel {
  public let load: ServiceLoad
  public let agents: Int
  public let waitProbability: Double
  public let abandonedShare: Double
  /// The mean wait of those that are answered, in seconds.
  public let meanWaitOfAnsweredSeconds: Double
  /// Patience, limited to what makes a difference.
  private let patience: Double
  /// The queue's length, given that all agents are busy.
  private let queue: QueueWeights

  /// - Throws: `StaffingError` for a number of agents outside of `StaffingBounds`.
  public init(_ load: ServiceLoad, agents: Int) throws(StaffingError) {
    self.load = load
    self.agents = agents
    patience = min(load.patienceSeconds, StaffingBounds.patienceInHandlingTimes * load.handlingSeconds)
    let arrivals = load.arrivalsPerSecond * patience
    let departures = Double(agents) * (patience / load.handlingSeconds)
    queue = QueueWeights(departures: departures, arrivals: arrivals)
    let lost = try ErlangB.lostShare(erlangs: load.erlangs, agents: agents)
    let idle = agents == 0 ? 0 : lost > 0 ? (1 / lost - 1) * .exp(-queue.logTotal) : .infinity
    waitProbability = 1 / (1 + idle)
    // Customers leave at the rate θ each.
    abandonedShare = arrivals > 0 ? min(1, waitProbability * queue.meanLength / arrivals) : 0
    meanWaitOfAnsweredSeconds =
      abandonedShare < 1 ? waitProbability * queue.answeredWait * patience / (1 - abandonedShare) : 0
  }

  /// By Little's law: customers leave at the rate θ while they wait.
  public var meanWaitSeconds: Double { abandonedShare * patience }

  public var occupancy: Double {
    agents > 0 ? min(1, load.erlangs * (1 - abandonedShare) / Double(agents)) : 0
  }

  /// The probability that a ticket still waits after a time, in seconds: neither answered nor abandoned.
  public func waitProbability(beyond seconds: Double) -> Double {
    guard seconds > 0 else { return waitProbability }
    let later = QueueWeights.logTotal(departures: queue.departures, arrivals: queue.arrivals * left(after: seconds))
    return waitProbability * left(after: seconds) * .exp(growth(until: seconds) + later - queue.logTotal)
  }

  /// By halving: no wait lasts longer than its customer's patience.
  public func waitQuantile(_ share: Double) -> Double {
    guard waitProbability > 1 - share else { return 0 }
    var (short, long) = (0.0, -patience * .log(1 - share))
    for _ in 0..<StaffingBounds.waitHalvings {
      let middle = (short + long) / 2
      if waitProbability(beyond: middle) > 1 - share { short = middle } else { long = middle }
    }
    return long
  }

  /// The offered wait has the density λπ(n - 1) exp(λ(1 - e^(-θx))/θ - nμx); its integrals are incomplete gamma functions, that is, sums
  /// over the weights for λe^(-θt).
  public func answeredShare(within seconds: Double) -> Double {
    max(0, 1 - abandonedShare - answeredShare(after: seconds))
  }

  /// The share that is answered, but later.
  private func answeredShare(after seconds: Double) -> Double {
    let (departures, left) = (queue.departures, left(after: seconds))
    guard departures > 0 else { return 0 }
    let later = QueueWeights.logTotal(departures: departures + 1, arrivals: queue.arrivals * left)
    return waitProbability * left * (departures / (departures + 1))
      * .exp(growth(until: seconds) + later - queue.logTotal)
  }

  /// The share whose patience lasts longer than a time.
  private func left(after seconds: Double) -> Double { .exp(-seconds / patience) }

  /// The exponent of the offered wait's density.
  private func growth(until seconds: Double) -> Double {
    -queue.arrivals * .expMinusOne(-seconds / patience) - queue.departures * (seconds / patience)
  }

  /// The least number of agents that meets a target.
  /// - Throws: `StaffingError` when `StaffingBounds.agents` are not enough.
  public static func agents(for load: ServiceLoad, target: ServiceTarget) throws(StaffingError) -> Int {
    guard load.erlangs > 0 else { return 0 }
    return try target.leastAgents(near: load.erlangs) { (agents) throws(StaffingError) in
      try ErlangA(load, agents: agents).answeredShare(within: target.withinSeconds)
    }
  }
}

/// The length of a queue from which customers leave, given that all agents are busy; see `ErlangA`.
struct QueueWeights: Hashable, Sendable {
  /// Departures by service, and arrivals, during one mean patience: a = nμ/θ and η = λ/θ.
  let departures: Double
  let arrivals: Double
  /// The logarithm of the sum of the weights, of which that of an empty queue is 1.
  let logTotal: Double
  /// The mean number waiting.
  let meanLength: Double
  /// The mean, over all tickets that find all agents busy, of their wait if they are answered and 0 otherwise, in mean patiences.
  ///
  /// A ticket that finds k waiting is answered with the probability a / (a + k + 1). Given that, nobody's leaving is told apart from a
  /// service, so that its wait has the mean of k + 1 steps at the rates a + 1, …, a + k + 1.
  let answeredWait: Double

  init(departures: Double, arrivals: Double) {
    self.departures = departures
    self.arrivals = arrivals
    var (total, lengths, waits) = (0.0, 0.0, 0.0)
    let peak = Self.peak(departures, arrivals)
    var steps =
      peak > 0 ? Double.digamma(departures + peak + 2) - .digamma(departures + 1) : 1 / (departures + 1)
    let peakSteps = steps
    Self.visit(departures, arrivals, peak) { length, weight in
      if length < peak {
        steps = length == peak - 1 ? peakSteps - 1 / (departures + peak + 1) : steps - 1 / (departures + length + 2)
      } else if length > peak {
        steps += 1 / (departures + length + 1)
      }
      total += weight
      lengths += weight * length
      waits += weight * steps * departures / (departures + length + 1)
    }
    logTotal = .log(total) + Self.logWeight(departures, arrivals, peak)
    meanLength = lengths / total
    answeredWait = waits / total
  }

  /// The logarithm of the sum of the weights alone.
  static func logTotal(departures: Double, arrivals: Double) -> Double {
    let peak = peak(departures, arrivals)
    var total = 0.0
    visit(departures, arrivals, peak) { total += $1 }
    return .log(total) + logWeight(departures, arrivals, peak)
  }

  /// The length with the largest weight.
  private static func peak(_ departures: Double, _ arrivals: Double) -> Double {
    max(0, (arrivals - departures).rounded(.down))
  }

  private static func logWeight(_ departures: Double, _ arrivals: Double, _ length: Double) -> Double {
    guard length > 0 else { return 0 }
    return length * .log(arrivals) - (.logGamma(departures + length + 1) - .logGamma(departures + 1))
  }

  /// Visits the lengths from the one with the largest weight up, then from there down, until what is left does not count. Weights are
  /// relative to the largest.
  private static func visit(
    _ departures: Double, _ arrivals: Double, _ peak: Double, _ visit: (_ length: Double, _ weight: Double) -> Void
  ) {
    visit(peak, 1)
    var terms = 0
    var (length, weight, sum) = (peak, 1.0, 1.0)
    while terms < StaffingBounds.queueTerms {
      length += 1
      weight *= arrivals / (departures + length)
      guard weight > sum * 1e-18 else { break }
      sum += weight
      visit(length, weight)
      terms += 1
    }
    (length, weight) = (peak, 1)
    while length > 0, terms < StaffingBounds.queueTerms {
      weight *= (departures + length) / arrivals
      length -= 1
      guard weight > sum * 1e-18 else { break }
      sum += weight
      visit(length, weight)
      terms += 1
    }
  }
}
