/// The values of a figure in one part of one period: how many tickets have one, and their sums.
public struct FigureTally: Hashable, Sendable {
  /// Tickets that have a value.
  public var count: Int64
  /// The sum of the values.
  public var sum: Double
  /// The sum of their squares.
  public var squares: Double

  /// Creates a tally.
  public init(count: Int64 = 0, sum: Double = 0, squares: Double = 0) {
    self.count = count
    self.sum = sum
    self.squares = squares
  }

  /// The mean; nil without values.
  public var mean: Double? { count > 0 ? sum / Double(count) : nil }

  static func + (left: Self, right: Self) -> Self {
    FigureTally(count: left.count + right.count, sum: left.sum + right.sum, squares: left.squares + right.squares)
  }
}

/// The change of a figure between two periods, decomposed exactly into what each part contributed.
///
/// For a mean, with pₖ the share of a part in the tickets and rₖ its mean, before (0) and after (1):
///
///     rate effect of k = (pₖ⁰ + pₖ¹)/2 · (rₖ¹ − rₖ⁰)
///     mix effect of k  = (pₖ¹ − pₖ⁰) · ((rₖ⁰ + rₖ¹)/2 − R),  R = (R⁰ + R¹)/2
///
/// Both effects of all parts sum to R¹ − R⁰. The rate effects are those of Kitagawa (1955), "Components of a difference between two rates",
/// Journal of the American Statistical Association 50; for two factors Das Gupta (1993) agrees. R, the mean of both periods, changes no
/// sum,
/// as the shares' differences add to 0; with it a part contributes only as it differs from the whole. A part that is missing in one period
/// has its mean of the other one, so that all of its contribution is mix.
///
/// For a number of tickets, a part's contribution is the difference of its numbers.
///
/// The margins are 1.96 standard errors, each part on its own: of 20 parts without a change one lies outside of it on average. That of a
/// part takes R as known: its contribution is then the difference of two means, of (x − R) over the tickets of the part and 0 over others.
public struct ChangeDecomposition: Hashable, Sendable {
  /// What one part contributed.
  public struct Part: Hashable, Sendable {
    /// The part; nil for tickets without the property.
    public let key: String?
    /// Its values before and after.
    public let before: FigureTally
    public let after: FigureTally
    /// By its changed share of the tickets; nil for a number of tickets.
    public let mix: Double?
    /// By its changed mean; nil for a number of tickets.
    public let rate: Double?
    /// Both together, in the unit of the figure.
    public let contribution: Double
    /// Half the width of the 95 % interval of the contribution.
    public let margin: Double
    /// Whether chance explains it: the interval contains 0, or there are fewer than `ticketsLeast` tickets.
    public let isNoise: Bool
  }

  /// Parts with fewer tickets in both periods together count as noise: the interval's approximation does not hold for them.
  public static let ticketsLeast: Int64 = 10
  private static let standardErrors = 1.96

  /// All tickets.
  public let before: FigureTally
  public let after: FigureTally
  /// The change of the whole, in the unit of the figure; nil for a mean that one of the periods lacks.
  public let change: Double?
  /// Half the width of its 95 % interval; nil as `change`.
  public let margin: Double?
  /// Whether chance explains it; true without a change.
  public let isNoise: Bool
  /// The parts, the largest absolute contribution first; empty as `change`.
  public let parts: [Part]

  /// Decomposes the change of a figure.
  ///
  /// - Parameters:
  ///   - before: the values of the first period by part; the parts are disjoint and complete.
  ///   - after: those of the second.
  ///   - isCount: whether the figure is the number of tickets, and not their mean.
  public init(
    before: [(key: String?, tally: FigureTally)], after: [(key: String?, tally: FigureTally)], isCount: Bool
  ) {
    // exact-keys: names of parts, compared as the database grouped them.
    var both: [ExactString?: (before: FigureTally, after: FigureTally)] = [:]
    for (key, tally) in before {
      both[key.map { ExactString($0) }, default: (FigureTally(), FigureTally())].before = tally
    }
    for (key, tally) in after {
      both[key.map { ExactString($0) }, default: (FigureTally(), FigureTally())].after = tally
    }
    let whole = (
      before: before.reduce(FigureTally()) { $0 + $1.tally }, after: after.reduce(FigureTally()) { $0 + $1.tally }
    )
    (self.before, self.after) = whole
    let count = whole.before.count + whole.after.count
    if isCount {
      let difference = Double(whole.after.count - whole.before.count)
      let width = Self.standardErrors * Double(count).squareRoot()
      (change, margin) = (difference, width)
      isNoise = abs(difference) <= width || count < Self.ticketsLeast
      parts = Self.ranked(
        both.map { key, tallies in
          let contribution = Double(tallies.after.count - tallies.before.count)
          let sum = tallies.before.count + tallies.after.count
          let margin = Self.standardErrors * Double(sum).squareRoot()
          return Part(
            key: key?.string, before: tallies.before, after: tallies.after, mix: nil, rate: nil,
            contribution: contribution, margin: margin,
            isNoise: abs(contribution) <= margin || sum < Self.ticketsLeast)
        })
      return
    }
    guard let first = whole.before.mean, let second = whole.after.mean else {
      (change, margin, isNoise, parts) = (nil, nil, true, [])
      return
    }
    let middle = (first + second) / 2
    let width =
      Self.standardErrors
      * (Self.variance(of: whole.before, around: middle, in: whole.before.count)
      + Self.variance(of: whole.after, around: middle, in: whole.after.count)).squareRoot()
    (change, margin) = (second - first, width)
    isNoise = abs(second - first) <= width || count < Self.ticketsLeast
    parts = Self.ranked(
      both.map { key, tallies in
        let share = (
          before: Double(tallies.before.count) / Double(whole.before.count),
          after: Double(tallies.after.count) / Double(whole.after.count)
        )
        let rates = (
          before: tallies.before.mean ?? tallies.after.mean ?? middle,
          after: tallies.after.mean ?? tallies.before.mean ?? middle
        )
        let rate = (share.before + share.after) / 2 * (rates.after - rates.before)
        let mix = (share.after - share.before) * ((rates.before + rates.after) / 2 - middle)
        let margin =
          Self.standardErrors
          * (Self.variance(of: tallies.before, around: middle, in: whole.before.count)
          + Self.variance(of: tallies.after, around: middle, in: whole.after.count)).squareRoot()
        return Part(
          key: key?.string, before: tallies.before, after: tallies.after, mix: mix, rate: rate,
          contribution: mix + rate, margin: margin,
          isNoise: abs(mix + rate) <= margin || tallies.before.count + tallies.after.count < Self.ticketsLeast)
      })
  }

  /// The variance of the mean, over `count` tickets, of (x − `middle`) over those of a part and 0 over all others.
  private static func variance(of part: FigureTally, around middle: Double, in count: Int64) -> Double {
    guard count > 1 else { return 0 }
    let number = Double(count)
    let sum = part.sum - middle * Double(part.count)
    let squares = part.squares - 2 * middle * part.sum + middle * middle * Double(part.count)
    // Rounding may leave a difference below 0 where all values are equal.
    return max(0, squares / number - (sum / number) * (sum / number)) / (number - 1)
  }

  private static func ranked(_ parts: [Part]) -> [Part] {
    parts.sorted { left, right in
      let (first, second) = (abs(left.contribution), abs(right.contribution))
      return first != second ? first > second : ExactString(left.key ?? "") < ExactString(right.key ?? "")
    }
  }
}
