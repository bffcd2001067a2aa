#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// The second step of calibration: a line through the log-odds of the best guess (Platt, 1999).
///
/// A single temperature serves uncertain and clear messages alike; measurements show that it underrates the uncertain ones
/// and overrates the clear ones. The other guesses share the remaining probability in unchanged proportions, and the best
/// guess stays the best.
struct PlattScaling: Sendable, Equatable {
  var slope: Float
  var intercept: Float

  static let none = PlattScaling(slope: 1, intercept: 0)

  /// Regularisation of slope and intercept towards the identity, in equivalent examples.
  private static let caution = 2.0
  private static let steps = 25
  /// Probabilities are clamped to this distance from 0 and 1.
  private static let edge: Float = 1e-6

  /// Rescales the best probability, and the others with it.
  func apply(to probabilities: inout [Float]) {
    guard let best = probabilities.indices.max(by: { probabilities[$0] < probabilities[$1] }) else { return }
    let before = probabilities[best]
    let rest = 1 - before
    guard rest > Self.edge else { return }
    var after = 1 / (1 + expf(-(slope * Self.logOdds(before) + intercept)))
    var second: Float = 0
    for index in probabilities.indices where index != best {
      second = max(second, probabilities[index])
    }
    let share = second / rest
    after = max(after, share / (1 + share))
    let scale = (1 - after) / rest
    for index in probabilities.indices {
      probabilities[index] *= scale
    }
    probabilities[best] = after
  }

  static func logOdds(_ probability: Float) -> Float {
    let inside = min(1 - edge, max(edge, probability))
    return logf(inside / (1 - inside))
  }

  /// Returns the maximum-likelihood line for which best guesses were right, by Newton's method (the loss is convex).
  static func fit(_ confidences: [(confidence: Float, isRight: Bool)]) -> PlattScaling {
    var slope = 1.0
    var intercept = 0.0
    for _ in 0..<steps {
      var (slopeGradient, interceptGradient) = (caution * (slope - 1), caution * intercept)
      var (slopeCurve, mixedCurve, interceptCurve) = (caution, 0.0, caution)
      for (confidence, isRight) in confidences {
        let odds = Double(logOdds(confidence))
        let probability = 1 / (1 + exp(-(slope * odds + intercept)))
        let error = probability - (isRight ? 1 : 0)
        let weight = probability * (1 - probability)
        slopeGradient += error * odds
        interceptGradient += error
        slopeCurve += weight * odds * odds
        mixedCurve += weight * odds
        interceptCurve += weight
      }
      let determinant = slopeCurve * interceptCurve - mixedCurve * mixedCurve
      guard determinant > 0 else { break }
      let slopeStep = (interceptCurve * slopeGradient - mixedCurve * interceptGradient) / determinant
      let interceptStep = (slopeCurve * interceptGradient - mixedCurve * slopeGradient) / determinant
      slope -= slopeStep
      intercept -= interceptStep
      if slopeStep.magnitude + interceptStep.magnitude < 1e-9 { break }
    }
    // A falling line would invert confidence; it can only arise by chance.
    guard slope.isFinite, intercept.isFinite, slope > 0.05 else { return .none }
    return PlattScaling(slope: Float(slope), intercept: Float(intercept))
  }
}
