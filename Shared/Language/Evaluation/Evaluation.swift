/// Figures on how well predictions on held-out examples agree with labels given by people.
///
/// All shares lie between 0 and 1.
public struct Evaluation: Sendable, Equatable, Codable {
  /// One example's outcome.
  public struct Outcome: Sendable, Equatable {
    /// The truth of an example whose label the model does not know.
    public static let unknown = -1
    /// The truth of an example that belongs to no label.
    public static let outside = -2

    /// Index of the true label, or `unknown` or `outside`.
    public var truth: Int
    /// Index of the best guess.
    public var guess: Int
    /// The probability given to the best guess.
    public var confidence: Float
    /// Whether the model classified the example as out of scope.
    public var isRefused: Bool

    public init(truth: Int, guess: Int, confidence: Float, isRefused: Bool = false) {
      self.truth = truth
      self.guess = guess
      self.confidence = confidence
      self.isRefused = isRefused
    }
  }

  /// Recognition of messages that belong to no label, and its cost.
  public struct Scope: Sendable, Equatable, Codable {
    /// Examples that belong to no label.
    public var examples: Int
    /// The share of them that was recognised as out of scope.
    public var recall: Double
    /// The share of all other examples that was labelled correctly and not rejected.
    public var acceptedAccuracy: Double
    /// The share of all other examples that was wrongly classified as out of scope.
    public var refused: Double

    enum CodingKeys: String, CodingKey {
      case examples, recall
      case acceptedAccuracy = "accepted_accuracy"
      case refused
    }
  }

  public struct LabelFigures: Sendable, Equatable, Codable {
    public var label: String
    /// Examples with this label.
    public var support: Int
    public var precision: Double
    public var recall: Double
    public var f1: Double
  }

  /// Examples of one label that were classified as another.
  public struct Confusion: Sendable, Equatable, Codable {
    public var truth: String
    public var guess: String
    public var count: Int
  }

  /// Examples whose confidence lay in one of `calibrationBins` equal parts of 0 to 1.
  public struct CalibrationBin: Sendable, Equatable, Codable {
    public var count: Int
    public var meanConfidence: Double
    public var accuracy: Double

    enum CodingKeys: String, CodingKey {
      case count
      case meanConfidence = "mean_confidence"
      case accuracy
    }
  }

  public static let calibrationBins = 15

  /// Examples that belong to a label; all figures except `scope` refer to these.
  public var count: Int
  /// The share of examples whose best guess is right, rejected or not.
  public var accuracy: Double
  /// The mean F1 of the labels that occur in the examples.
  public var macroF1: Double
  /// The mean distance between confidence and accuracy over the calibration bins, weighted by their counts.
  public var expectedCalibrationError: Double
  /// The largest share that can be labelled automatically, most confident first, at 95 % precision.
  public var automaticShareAt95: Double
  /// The lowest confidence in that share; infinite, and null in JSON, if there is no such share.
  @FiniteOrNull public var automaticThreshold: Double
  public var labels: [LabelFigures]
  /// Most frequent first.
  public var confusions: [Confusion]
  public var bins: [CalibrationBin]
  public var scope: Scope

  enum CodingKeys: String, CodingKey {
    case count, accuracy
    case macroF1 = "macro_f1"
    case expectedCalibrationError = "expected_calibration_error"
    case automaticShareAt95 = "automatic_share_at_95"
    case automaticThreshold = "automatic_threshold"
    case labels, confusions, bins
    case scope = "out_of_scope"
  }

  /// - Parameters:
  ///   - outcomes: an unknown truth counts as an error of the guess but against no label's recall.
  ///   - labels: label names by index in `outcomes`.
  public init(outcomes all: [Outcome], labels names: [String]) {
    let outcomes = all.filter { $0.truth != Outcome.outside }
    scope = Self.scope(of: all, inside: outcomes)
    count = outcomes.count
    let right = outcomes.count { $0.truth == $0.guess }
    accuracy = Self.share(right, of: outcomes.count)
    labels = Self.figures(outcomes, names)
    let occurring = labels.filter { $0.support > 0 }
    macroF1 = occurring.isEmpty ? 0 : occurring.reduce(0) { $0 + $1.f1 } / Double(occurring.count)
    confusions = Self.confusions(outcomes, names)
    bins = Self.bins(outcomes)
    let total = max(1, outcomes.count)
    expectedCalibrationError = bins.reduce(0) {
      $0 + abs($1.meanConfidence - $1.accuracy) * Double($1.count) / Double(total)
    }
    (automaticShareAt95, automaticThreshold) = Self.automaticShare(outcomes, precision: 0.95)
  }
}

// MARK: - Figures

extension Evaluation {
  private static func share(_ part: Int, of whole: Int) -> Double {
    whole == 0 ? 0 : Double(part) / Double(whole)
  }

  private static func scope(of all: [Outcome], inside: [Outcome]) -> Scope {
    let outside = all.filter { $0.truth == Outcome.outside }
    return Scope(
      examples: outside.count, recall: share(outside.count { $0.isRefused }, of: outside.count),
      acceptedAccuracy: share(inside.count { !$0.isRefused && $0.truth == $0.guess }, of: inside.count),
      refused: share(inside.count { $0.isRefused }, of: inside.count))
  }

  private static func figures(_ outcomes: [Outcome], _ names: [String]) -> [LabelFigures] {
    var support = [Int](repeating: 0, count: names.count)
    var guessed = support
    var right = support
    for outcome in outcomes {
      guessed[outcome.guess] += 1
      guard outcome.truth >= 0 else { continue }
      support[outcome.truth] += 1
      if outcome.truth == outcome.guess {
        right[outcome.truth] += 1
      }
    }
    return names.indices.map { label in
      LabelFigures(
        label: names[label], support: support[label], precision: share(right[label], of: guessed[label]),
        recall: share(right[label], of: support[label]),
        f1: share(2 * right[label], of: support[label] + guessed[label]))
    }
  }

  private static func confusions(_ outcomes: [Outcome], _ names: [String]) -> [Confusion] {
    var counts: [Int: Int] = [:]
    for outcome in outcomes where outcome.truth >= 0 && outcome.truth != outcome.guess {
      counts[outcome.truth * names.count + outcome.guess, default: 0] += 1
    }
    return counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { pair, count in
      Confusion(truth: names[pair / names.count], guess: names[pair % names.count], count: count)
    }
  }

  private static func bins(_ outcomes: [Outcome]) -> [CalibrationBin] {
    var counts = [Int](repeating: 0, count: calibrationBins)
    var confidences = [Double](repeating: 0, count: calibrationBins)
    var right = counts
    for outcome in outcomes {
      // NaN (from a broken model) counts as zero confidence.
      let confidence = outcome.confidence > 0 ? min(outcome.confidence, 1) : 0
      let bin = min(calibrationBins - 1, Int(confidence * Float(calibrationBins)))
      counts[bin] += 1
      confidences[bin] += Double(confidence)
      right[bin] += outcome.truth == outcome.guess ? 1 : 0
    }
    return (0..<calibrationBins).map { bin in
      CalibrationBin(
        count: counts[bin], meanConfidence: counts[bin] == 0 ? 0 : confidences[bin] / Double(counts[bin]),
        accuracy: share(right[bin], of: counts[bin]))
    }
  }

  /// Examples of equal confidence are included together or not at all, because no threshold separates them.
  static func automaticShare(_ outcomes: [Outcome], precision: Double) -> (share: Double, threshold: Double) {
    let sorted = outcomes.sorted { $0.confidence > $1.confidence }
    var best = (share: 0.0, threshold: Double.infinity)
    var right = 0
    for (index, outcome) in sorted.enumerated() {
      right += outcome.truth == outcome.guess ? 1 : 0
      let endsGroup = index + 1 == sorted.count || sorted[index + 1].confidence < outcome.confidence
      if endsGroup && Double(right) >= precision * Double(index + 1) {
        best = (share(index + 1, of: sorted.count), Double(outcome.confidence))
      }
    }
    return best
  }
}

// MARK: - Table

extension Evaluation {
  /// Returns the figures as lines for a terminal.
  ///
  /// - Parameter confusions: the number of most frequent confusions to show.
  public func table(confusions shown: Int = 10) -> String {
    var lines = [
      "examples                     \(count)",
      "accuracy                     \(Self.percent(accuracy))",
      "macro-F1                     \(Self.percent(macroF1))",
      "expected calibration error   \(Self.percent(expectedCalibrationError))",
      "automatic at 95 % precision  \(Self.percent(automaticShareAt95))"
        + (automaticShareAt95 > 0 ? "  (confidence from \(Self.decimal(automaticThreshold, places: 3)))" : ""),
      "wrongly out of scope         \(Self.percent(scope.refused)), leaving \(Self.percent(scope.acceptedAccuracy)) right",
    ]
    if scope.examples > 0 {
      lines.append("out of scope, recognised     \(Self.percent(scope.recall)) of \(scope.examples)")
    }
    if !confusions.isEmpty {
      lines.append("most frequent confusions (truth -> guess)")
      lines += confusions.prefix(shown).map { "  \(Self.left("\($0.count)", 5)) \($0.truth) -> \($0.guess)" }
    }
    return lines.joined(separator: "\n")
  }

  /// Returns one line per label: support, precision, recall and F1.
  public func labelTable() -> String {
    let width = max(5, labels.map(\.label.count).max() ?? 0)
    let header = "label".padded(to: width) + "  support  precision   recall       F1"
    let rows = labels.map { row in
      row.label.padded(to: width) + Self.left("\(row.support)", 9) + Self.left(Self.percent(row.precision), 11)
        + Self.left(Self.percent(row.recall), 9) + Self.left(Self.percent(row.f1), 9)
    }
    return ([header] + rows).joined(separator: "\n")
  }

  static func percent(_ share: Double) -> String { decimal(share * 100, places: 1) + " %" }

  static func decimal(_ value: Double, places: Int) -> String {
    guard value.isFinite else { return "-" }
    var scale = 1.0
    for _ in 0..<places {
      scale *= 10
    }
    let scaled = Int((value.magnitude * scale).rounded())
    let sign = value < 0 && scaled > 0 ? "-" : ""
    let fraction = String(scaled % Int(scale))
    let zeros = String(repeating: "0", count: max(0, places - fraction.count))
    return "\(sign)\(scaled / Int(scale))" + (places == 0 ? "" : "." + zeros + fraction)
  }

  static func left(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }
}

extension String {
  func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
