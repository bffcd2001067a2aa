import Foundation

/// The stationary distribution of the number of tickets in an M/M/n (+ M) system, solved state by state: an independent check of the
/// formulas, for loads at which nothing overflows.
struct BirthDeathChain {
  let probabilities: [Double]
  let agents: Int
  let arrivals: Double
  let handling: Double
  let patience: Double

  init(arrivals: Double, handling: Double, patience: Double, agents: Int, states: Int = 6_000) {
    var logs = [0.0]
    for state in 1..<states {
      let served: Double = Double(min(state, agents)) / handling
      let leaving: Double = served + Double(max(0, state - agents)) / patience
      logs.append(logs[state - 1] + log(arrivals / leaving))
    }
    let most = logs.max() ?? 0
    let weights = logs.map { exp($0 - most) }
    let total = weights.reduce(0, +)
    probabilities = weights.map { $0 / total }
    (self.agents, self.arrivals, self.handling, self.patience) = (agents, arrivals, handling, patience)
  }

  var waitProbability: Double { probabilities[agents...].reduce(0, +) }

  var meanQueue: Double {
    var sum = 0.0
    for (state, probability) in probabilities.enumerated() { sum += Double(max(0, state - agents)) * probability }
    return sum
  }

  var abandonedShare: Double { meanQueue / patience / arrivals }

  var occupancy: Double {
    var sum = 0.0
    for (state, probability) in probabilities.enumerated() { sum += Double(min(state, agents)) * probability }
    return sum / Double(agents)
  }

  /// The share answered after a time, by following a ticket through the queue in small steps of time: for each number waiting with it, the
  /// probability that it still waits there. Explicit, with a step short enough for the fastest rate.
  func answeredShare(within seconds: Double) -> Double {
    let serve = Double(agents) / handling
    let leave = 1 / patience
    let depth = 400
    // place[k]: still waits, k others are before it.
    var place = (0..<depth).map { probabilities[agents + $0] }
    var answered = probabilities[..<agents].reduce(0, +)
    let steps = Int((seconds * (serve + Double(depth) * leave) * 400).rounded(.up))
    let step = seconds / Double(max(1, steps))
    for _ in 0..<steps {
      answered += place[0] * serve * step
      for k in 0..<depth {
        // Those before it leave at this rate, and it itself at the patience's.
        let rate: Double = serve + Double(k + 1) * leave
        let enters: Double = k + 1 < depth ? place[k + 1] * rate : 0
        place[k] += step * (enters - place[k] * rate)
      }
    }
    return answered
  }
}
