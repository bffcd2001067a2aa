/// One criterion as an inspector marked it.
public struct InspectionMark: Hashable, Sendable {
  public let criterion: CriterionID
  public let score: Int
  /// Nil for none.
  public let comment: String?

  /// Describes a mark.
  public init(_ criterion: CriterionID, _ score: Int, comment: String? = nil) {
    self.criterion = criterion
    self.score = score
    self.comment = comment
  }
}

/// A mark that does not fit the form.
public struct InspectionMarkMistake: Hashable, Sendable {
  public enum Kind: Hashable, Sendable {
    /// The criterion has no mark.
    case missing
    /// The form does not have the criterion.
    case unknown
    /// The criterion is marked a second time.
    case repeated
    /// The score is not in 0 to this best one.
    case outOfRange(best: Int)
  }

  public let kind: Kind
  public let criterion: CriterionID
  /// The position of the mark; nil for a missing one.
  public let position: Int?
}

/// The scores of a whole form, with the weights and scales that it had.
public struct InspectionScores: Hashable, Sendable {
  /// A criterion of the form.
  public struct Line: Hashable, Sendable {
    public let criterion: CriterionID
    /// 1 or more.
    public let weight: Int
    /// The best score, 1 or more.
    public let scale: Int
    /// 0 to `scale`.
    public var score: Int
    /// Nil for none, and after the customer was erased.
    public var comment: String?

    /// Describes a line; without a score, one of an empty form.
    public init(_ criterion: CriterionID, weight: Int, scale: Int, score: Int = 0, comment: String? = nil) {
      self.criterion = criterion
      self.weight = weight
      self.scale = scale
      self.score = score
      self.comment = comment
    }
  }

  /// In the order of the form; at least one.
  public let lines: [Line]

  /// Takes scores as they are stored.
  public init(lines: [Line]) { self.lines = lines }

  /// Fills in a form.
  /// - Throws: `InspectionRefusal.form` with every mistake.
  init(_ marks: [InspectionMark], on form: [Line]) throws(InspectionRefusal) {
    var lines = form
    var mistakes: [InspectionMarkMistake] = []
    var places = Dictionary(uniqueKeysWithValues: form.indices.map { (form[$0].criterion, $0) })
    let known = Set(form.map(\.criterion))
    for (position, mark) in marks.enumerated() {
      guard let place = places.removeValue(forKey: mark.criterion) else {
        let kind: InspectionMarkMistake.Kind = known.contains(mark.criterion) ? .repeated : .unknown
        mistakes.append(.init(kind: kind, criterion: mark.criterion, position: position))
        continue
      }
      if !(0...form[place].scale).contains(mark.score) {
        mistakes.append(
          .init(kind: .outOfRange(best: form[place].scale), criterion: mark.criterion, position: position))
      }
      lines[place].score = mark.score
      lines[place].comment = mark.comment
    }
    for line in form where places[line.criterion] != nil {
      mistakes.append(.init(kind: .missing, criterion: line.criterion, position: nil))
    }
    guard mistakes.isEmpty else { throw .form(mistakes) }
    self.lines = lines
  }

  /// The same form filled in anew.
  /// - Throws: `InspectionRefusal.form` with every mistake.
  func replaced(by marks: [InspectionMark]) throws(InspectionRefusal) -> InspectionScores {
    try InspectionScores(marks, on: lines.map { Line($0.criterion, weight: $0.weight, scale: $0.scale) })
  }

  /// The weighted mean of the scores in percent of their scales, rounded, 0 to 100.
  public var percent: Int {
    let weights = lines.reduce(0) { $0 + $1.weight }
    guard weights > 0 else { return 0 }
    let sum = lines.reduce(0.0) { $0 + Double($1.weight * $1.score) / Double(max(1, $1.scale)) }
    return Int((100 * sum / Double(weights)).rounded())
  }
}
