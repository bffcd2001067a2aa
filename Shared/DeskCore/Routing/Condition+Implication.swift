// Which conditions follow from others: used to find unreachable rules.
//
// All answers are sound and none is complete: `implies` returns true only when every message that meets the one condition meets the
// other, and may return false although that is so. It compares parts as written; it does not expand conditions, and it knows nothing of
// how words, hours or labels relate.

extension Condition {
  /// Whether every message that meets this condition meets `other`, as far as their parts show.
  public func implies(_ other: Condition) -> Bool {
    if self == other { return true }
    switch (self, other) {
    case (_, .always): return true
    case (_, .all(let parts)): return parts.allSatisfy { implies($0) }
    case (.any(let mine), _): return mine.allSatisfy { $0.implies(other) }
    case (_, .any(let parts)) where parts.contains { implies($0) }: return true
    case (.all(let mine), _): return mine.contains { $0.implies(other) }
    case (.not(let mine), .not(let theirs)): return theirs.implies(mine)
    case (_, .not(let theirs)): return excludes(theirs)
    case (.oneOf(let field, let mine), .oneOf(let same, let theirs)): return field == same && mine.isSubset(of: theirs)
    case (.confidence(let mine), .confidence(let theirs)): return mine >= theirs
    case (.urgency(let mine), .urgency(let theirs)): return mine >= theirs
    case (.tier(let mine), .tier(let theirs)): return mine.rank <= theirs.rank
    case (.oneOf, .urgency), (.oneOf, .tier), (.urgency, .oneOf), (.tier, .oneOf):
      guard let mine = namedValues, let theirs = other.namedValues, mine.field == theirs.field else { return false }
      return mine.values.isSubset(of: theirs.values)
    case (.words(let mine), .words(let theirs)): return Set(mine.words).isSubset(of: theirs.words)
    default: return false
    }
  }

  /// Whether no message meets both conditions, as far as their parts show.
  private func excludes(_ other: Condition) -> Bool {
    switch (self, other) {
    case (.all(let mine), _): return mine.contains { $0.excludes(other) }
    case (_, .all(let theirs)): return theirs.contains { excludes($0) }
    case (.any(let mine), _): return mine.allSatisfy { $0.excludes(other) }
    case (_, .any(let theirs)): return theirs.allSatisfy { excludes($0) }
    case (.not(let mine), _): return other.implies(mine)
    case (_, .not(let theirs)): return implies(theirs)
    default:
      guard let mine = namedValues, let theirs = other.namedValues, mine.field == theirs.field else { return false }
      return mine.values.isDisjoint(with: theirs.values)
    }
  }

  /// Whether no message can meet the condition, because its parts contradict each other.
  public var isNever: Bool {
    switch self {
    case .all(let parts):
      parts.contains(where: \.isNever)
        || parts.indices.contains { first in parts[(first + 1)...].contains { parts[first].excludes($0) } }
    case .any(let parts): parts.allSatisfy(\.isNever)
    case .not(let part): part == .always
    case .oneOf(_, let values): values.isEmpty
    default: false
    }
  }

  /// A comparison of a field that has few values, as the values that meet it.
  private var namedValues: (field: Field, values: Set<String>)? {
    switch self {
    case .oneOf(let field, let values): (field, values)
    case .urgency(let least): (.urgency, Set(Urgency.allCases.filter { $0 >= least }.map(\.name)))
    case .tier(let least): (.tier, Set(CustomerTier.allCases.filter { $0.rank <= least.rank }.map(\.rawValue)))
    default: nil
    }
  }

  /// Which earlier conditions cover everything that this one could match; nil when something may be left.
  /// - Returns: one index, or those of several conditions on single fields that together cover all its values.
  public func shadow(of earlier: [Condition]) -> [Int]? {
    if let one = earlier.firstIndex(where: { implies($0) }) { return [one] }
    for part in conjuncts {
      guard let mine = part.namedValues else { continue }
      var left = mine.values
      var blockers: [Int] = []
      for (place, condition) in earlier.enumerated() {
        guard let taken = condition.namedValues, taken.field == mine.field, !taken.values.isDisjoint(with: left) else {
          continue
        }
        left.subtract(taken.values)
        blockers.append(place)
        if left.isEmpty { return blockers }
      }
    }
    return nil
  }

  /// The conditions that must all hold.
  private var conjuncts: [Condition] {
    if case .all(let parts) = self { parts.flatMap(\.conjuncts) } else { [self] }
  }
}
