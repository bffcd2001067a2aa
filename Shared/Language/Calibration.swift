#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// The margins of held-out examples, `labelCount` a row, and their true labels.
struct HeldOutMargins: Sendable {
  let labelCount: Int
  private(set) var margins: [Float] = []
  private(set) var truths: [Int] = []
  /// The highest margin of each held-out example that belongs to no label.
  private(set) var outside: [Float] = []

  init(labelCount: Int) { self.labelCount = labelCount }

  var count: Int { truths.count }

  mutating func append(outside row: [SIMD8<Float>]) {
    outside.append((0..<labelCount).reduce(-.infinity) { max($0, row[$1 >> 3][$1 & 7]) })
  }

  mutating func append(_ row: [SIMD8<Float>], truth: Int) {
    for label in 0..<labelCount {
      margins.append(row[label >> 3][label & 7])
    }
    truths.append(truth)
  }

  func row(_ index: Int) -> ArraySlice<Float> { margins[index * labelCount..<(index + 1) * labelCount] }

  /// The highest margins of those of the given examples that are labelled rightly.
  func highestOfRight(_ indices: [Int]) -> [Float] {
    indices.compactMap { index in
      let row = row(index)
      let highest = row.max() ?? .nan
      return row[row.startIndex + truths[index]] == highest ? highest : nil
    }
  }

  func accuracy() -> Double {
    guard count > 0 else { return 0 }
    let right = (0..<count).count { index in
      let row = row(index)
      return row[row.startIndex + truths[index]] == row.max() ?? .nan
    }
    return Double(right) / Double(count)
  }
}

/// Finds the one number that turns margins into honest probabilities: a softmax of the margins times the temperature,
/// which makes the held-out truths most likely (Guo and others, 2017).
enum Calibration {
  static let lowest = 0.05
  static let highest = 50.0

  /// The mean of -ln(probability of the truth).
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

  /// Golden-section search over the logarithm of the temperature; the likelihood has one peak in it.
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

  /// The share of rightly labelled messages that may be lost for recognising those that belong to no label.
  static let scopeLoss = 0.0075

  /// The margin below which a message belongs to no label: where `scopeLoss` of the rightly labelled ones lie below. It
  /// needs no examples of what is out of scope, for nobody has examples of everything else. With so few examples that the share
  /// is less than one of them, nothing is refused.
  static func scopeThreshold(_ held: HeldOutMargins, indices: [Int]) -> Float {
    let margins = held.highestOfRight(indices).sorted()
    let lost = Int(Double(margins.count) * scopeLoss)
    return lost == 0 ? -.infinity : margins[lost]
  }

  /// The line for the log-odds of the best guess, once the temperature is known.
  static func sharpening(_ held: HeldOutMargins, indices: [Int], temperature: Double) -> Sharpening {
    Sharpening.fit(
      indices.map { index in
        let (guess, probabilities) = guess(held, index, temperature)
        return (probabilities[guess], guess == held.truths[index])
      })
  }

  private static func guess(
    _ held: HeldOutMargins, _ index: Int, _ temperature: Double
  ) -> (guess: Int, probabilities: [Float]) {
    var probabilities = held.row(index).map { $0 * Float(temperature) }
    Softmax.apply(to: &probabilities)
    return (probabilities.indices.max { probabilities[$0] < probabilities[$1] } ?? 0, probabilities)
  }

  /// Outcomes of held-out examples. No example is judged with what was fitted on it: the even rows get what the odd ones
  /// gave and the other way round.
  static func outcomes(_ held: HeldOutMargins) -> [Evaluation.Outcome] {
    let halves = [
      Array(stride(from: 1, to: held.count, by: 2)), Array(stride(from: 0, to: held.count, by: 2)),
    ]
    let temperatures = halves.map { temperature(held, indices: $0) }
    let lines = zip(halves, temperatures).map { sharpening(held, indices: $0, temperature: $1) }
    let thresholds = halves.map { scopeThreshold(held, indices: $0) }
    let outside = held.outside.enumerated().map { index, margin in
      Evaluation.Outcome(
        truth: Evaluation.Outcome.outside, guess: 0, confidence: 0, isRefused: margin < thresholds[index % 2])
    }
    return (0..<held.count).map { index in
      let half = index % 2
      var (guess, probabilities) = guess(held, index, temperatures[half])
      lines[half].apply(to: &probabilities)
      return Evaluation.Outcome(
        truth: held.truths[index], guess: guess, confidence: probabilities[guess],
        isRefused: held.row(index).max() ?? -.infinity < thresholds[half])
    } + outside
  }
}
