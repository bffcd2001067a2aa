/// A label that the model considered for a message. The person who corrects a label is shown the best ones.
public struct LabelGuess: Hashable, Sendable {
  /// How many are kept of a message.
  public static let mostKept = 3

  /// The model's label: a category, or `category/intent`.
  public let label: String
  /// The calibrated probability, 0 to 1, to a thousandth.
  public let share: Double

  /// Describes a guess.
  /// - Parameter share: rounded to a thousandth, because each decision keeps it.
  public init(_ label: String, share: Double) {
    self.label = label
    self.share = share.isFinite ? (min(max(share, 0), 1) * 1_000).rounded() / 1_000 : 0
  }

  /// The label up to its first `/`.
  public var category: String { String(parts[0]) }

  /// The rest of the label, or the category if it has no second part.
  public var intent: String { String(parts[parts.count - 1]) }

  private var parts: [Substring.UnicodeScalarView] {
    label.unicodeScalars.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
  }
}

extension LabelGuess: LosslessStringConvertible {
  /// Reads `LABEL:SHARE`; nil for anything else.
  public init?(_ description: String) {
    guard let colon = description.utf8.lastIndex(of: UInt8(ascii: ":")),
      let share = Double(description[description.index(after: colon)...])
    else { return nil }
    self.init(String(description[..<colon]), share: share)
  }

  /// `LABEL:SHARE`.
  public var description: String { "\(label):\(share)" }
}
