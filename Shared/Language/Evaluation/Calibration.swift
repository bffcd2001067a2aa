#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// The margins of held-out examples, `labelCount` per row, and their true labels.
struct HeldOutMargins: Sendable {
  let labelCount: Int
  private(set) var margins: [Float] = []
  private(set) var truths: [Int] = []
  /// The margins of examples that belong to no label.
  private var outsideMargins: [Float] = []

  init(labelCount: Int) { self.labelCount = labelCount }

  var count: Int { truths.count }

  var outsideCount: Int { outsideMargins.count / max(1, labelCount) }

  mutating func append(outside row: [SIMD8<Float>]) {
    for label in 0..<labelCount {
      outsideMargins.append(row[label >> 3][label & 7])
    }
  }

  mutating func append(_ row: [SIMD8<Float>], truth: Int) {
    for label in 0..<labelCount {
      margins.append(row[label >> 3][label & 7])
    }
    truths.append(truth)
  }

  /// Returns these margins plus `share` times others of the same examples in the same order.
  func adding(_ share: Float, times others: HeldOutMargins) -> HeldOutMargins {
    precondition(
      others.margins.count == margins.count && others.outsideMargins.count == outsideMargins.count, "the same examples")
    var sum = self
    for place in margins.indices { sum.margins[place] += share * others.margins[place] }
    for place in outsideMargins.indices { sum.outsideMargins[place] += share * others.outsideMargins[place] }
    return sum
  }

  func row(_ index: Int) -> ArraySlice<Float> { margins[index * labelCount..<(index + 1) * labelCount] }

  /// Returns the margins of an example that belongs to no label, by order of addition.
  func outsideRow(_ index: Int) -> ArraySlice<Float> {
    outsideMargins[index * labelCount..<(index + 1) * labelCount]
  }

  /// Returns whether the highest margin is that of the true label.
  func isRight(_ index: Int) -> Bool {
    let row = row(index)
    return row[row.startIndex + truths[index]] == row.max() ?? .nan
  }

  /// Returns the highest margin of each given example that is labelled correctly.
  func highestOfRight(_ indices: [Int]) -> [Float] {
    indices.compactMap { isRight($0) ? row($0).max() : nil }
  }

  func accuracy() -> Double {
    guard count > 0 else { return 0 }
    return Double((0..<count).count(where: isRight)) / Double(count)
  }
}

/// Finds the temperature that turns margins into calibrated probabilities: the softmax of the margins times the temperature
/// that maximises the likelihood of the held-out labels (Guo et al., 2017).
enum Calibration {
  static let lowest = 0.05
  static let highest = 50.0

  /// Returns the mean of -ln(probability of the true label).
  static func negativeLogLikelihood(_ held: HeldOutMargins, indices: some Sequence<Int>, temperature: Double) -> Double
  {
    var total = 0.0
    var count = 0
    for index in indices {
      let row = held.row(index)
      let highest = Double(row.max() ?? 0)
      var sum = 0.0
      for margin in row {
        sum += exp(temperature * (Double(margin) - highest))
      }
      let truth = Double(row[row.startIndex + held.truths[index]])
      total += log(sum) - temperature * (truth - highest)
      count += 1
    }
    return count == 0 ? 0 : total / Double(count)
  }

  /// Golden-section search over the logarithm of the temperature, in which the likelihood is unimodal.
  static func temperature(_ held: HeldOutMargins, indices: [Int]) -> Double {
    guard !indices.isEmpty else { return 1 }
    let ratio = (5.0.squareRoot() - 1) / 2
    var low = log(lowest)
    var high = log(highest)
    func loss(_ logarithm: Double) -> Double {
      negativeLogLikelihood(held, indices: indices, temperature: exp(logarithm))
    }
    var left = high - ratio * (high - low)
    var right = low + ratio * (high - low)
    var leftLoss = loss(left)
    var rightLoss = loss(right)
    while high - low > 0.002 {
      if leftLoss <= rightLoss {
        (high, right, rightLoss) = (right, left, leftLoss)
        left = high - ratio * (high - low)
        leftLoss = loss(left)
      } else {
        (low, left, leftLoss) = (left, right, rightLoss)
        right = low + ratio * (high - low)
        rightLoss = loss(right)
      }
    }
    return exp((low + high) / 2)
  }

  /// The share of correctly labelled messages that may be rejected in order to recognise those that belong to no label.
  static let scopeLoss = 0.0075

  /// Returns the margin below which a message belongs to no label: the `scopeLoss` quantile of the correctly labelled ones. It
  /// needs no out-of-scope examples, because no set of them could cover everything else. If the share is less than one
  /// example, nothing is rejected.
  static func scopeThreshold(_ held: HeldOutMargins, indices: [Int]) -> Float {
    let margins = held.highestOfRight(indices)
    return scopeThreshold(margins, lost: Int(Double(margins.count) * scopeLoss))
  }

  /// Returns the margin below which `lost` of these lie; at most all but the highest.
  static func scopeThreshold(_ margins: [Float], lost: Int) -> Float {
    lost == 0 || margins.isEmpty ? -.infinity : margins.sorted()[min(lost, margins.count - 1)]
  }

  /// Returns the line for the log-odds of the best guess at a given temperature.
  static func sharpening(_ held: HeldOutMargins, indices: [Int], temperature: Double) -> PlattScaling {
    PlattScaling.fit(
      indices.map { index in
        let (guess, probabilities) = guess(held.row(index), temperature)
        return (probabilities[guess], guess == held.truths[index])
      })
  }

  /// Returns the best guess and the softmax of the margins times the temperature.
  static func guess(_ row: ArraySlice<Float>, _ temperature: Double) -> (guess: Int, probabilities: [Float]) {
    var probabilities = row.map { $0 * Float(temperature) }
    Softmax.apply(to: &probabilities)
    return (probabilities.indices.max { probabilities[$0] < probabilities[$1] } ?? 0, probabilities)
  }

  /// Returns the outcomes of held-out examples, those that belong to no label last. No example is evaluated with parameters
  /// fitted on it: even rows use the fit of the odd rows and vice versa.
  static func outcomes(_ held: HeldOutMargins) -> [Evaluation.Outcome] {
    let halves = [
      Array(stride(from: 1, to: held.count, by: 2)), Array(stride(from: 0, to: held.count, by: 2)),
    ]
    let temperatures = halves.map { temperature(held, indices: $0) }
    let lines = zip(halves, temperatures).map { sharpening(held, indices: $0, temperature: $1) }
    let thresholds = halves.map { scopeThreshold(held, indices: $0) }
    func outcome(_ row: ArraySlice<Float>, truth: Int, half: Int) -> Evaluation.Outcome {
      var (guess, probabilities) = guess(row, temperatures[half])
      lines[half].apply(to: &probabilities)
      return Evaluation.Outcome(
        truth: truth, guess: guess, confidence: probabilities[guess],
        isRefused: row.max() ?? -.infinity < thresholds[half])
    }
    let inside = (0..<held.count).map { outcome(held.row($0), truth: held.truths[$0], half: $0 % 2) }
    let outside = (0..<held.outsideCount).map {
      outcome(held.outsideRow($0), truth: Evaluation.Outcome.outside, half: $0 % 2)
    }
    return inside + outside
  }
}
