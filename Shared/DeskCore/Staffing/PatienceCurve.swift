/// The share of customers who are still patient after a time, whatever the distribution of patience: the product-limit estimate from
/// censored waits (E. L. Kaplan and P. Meier, "Nonparametric estimation from incomplete observations", 1958).
public struct PatienceCurve: Hashable, Sendable {
  /// A time at which somebody gave up, and the share who are patient for longer.
  public struct Step: Hashable, Sendable {
    public let seconds: Double
    public let share: Double
  }

  /// In the order of time; empty when nobody gave up.
  public let steps: [Step]

  /// A wait that ends by an answer at the same time as somebody gives up counts as the longer one.
  public init(_ outcomes: some Sequence<WaitOutcome>) {
    let waits = outcomes.filter(\.isPossible).sorted { $0.seconds < $1.seconds }
    var steps: [Step] = []
    var share = 1.0
    var position = 0
    while position < waits.count {
      let seconds = waits[position].seconds
      let waiting = waits.count - position
      var abandoned = 0
      while position < waits.count, waits[position].seconds == seconds {
        if waits[position].abandoned { abandoned += 1 }
        position += 1
      }
      guard abandoned > 0 else { continue }
      share *= 1 - Double(abandoned) / Double(waiting)
      steps.append(Step(seconds: seconds, share: share))
    }
    self.steps = steps
  }

  /// The time after which at most a share is still patient, in seconds; nil when fewer gave up.
  public func seconds(untilShare share: Double) -> Double? {
    steps.first { $0.share <= share }?.seconds
  }
}
