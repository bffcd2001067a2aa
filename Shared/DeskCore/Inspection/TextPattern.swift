/// A pattern of a reply rule: `#` stands for a digit, `?` for any character, `*` for up to `longestGap` characters, anything else for
/// itself, folded as in `FoldedText`.
///
/// It is not a regular expression: nothing repeats without a bound. All places are tried in one pass with a set of states of one machine
/// word, so the time is bounded by the length of the text times that of the pattern, whatever both contain.
struct TextPattern: Hashable, Sendable {
  /// What `*` stands for at most, in folded scalars.
  static let longestGap = 10
  /// The maximum number of parts; `*` counts `longestGap` times. One state more fits into a machine word.
  static let longest = 63

  private enum Part: Hashable, Sendable {
    case scalar(UInt32)
    case digit
    case any
    case anyOrNone
  }

  /// One bit for each part: those that take a scalar, a digit, anything, and those that may be left out.
  private let wanted: [UInt32: UInt64]
  private let digits: UInt64
  private let anything: UInt64
  private let optional: UInt64
  /// The bit after the last part.
  private let end: UInt64

  /// Reads a pattern.
  /// - Returns: nil if it is too long, or does not begin and end with a digit or a visible character.
  init?(_ text: String) {
    var parts: [Part] = []
    var literal = ""
    func isWildcard(_ scalar: Unicode.Scalar) -> Bool { scalar == "#" || scalar == "?" || scalar == "*" }
    for scalar in text.unicodeScalars where parts.count <= TextPattern.longest {
      guard isWildcard(scalar) else {
        literal.unicodeScalars.append(scalar)
        continue
      }
      parts += TextPattern.folded(literal)
      literal = ""
      switch scalar {
      case "#": parts.append(.digit)
      case "?": parts.append(.any)
      default: parts += Array(repeating: .anyOrNone, count: TextPattern.longestGap)
      }
    }
    parts += TextPattern.folded(literal)
    func isFirm(_ part: Part) -> Bool { part != .any && part != .anyOrNone && part != .scalar(0x20) }
    guard parts.count > 1, parts.count <= TextPattern.longest, isFirm(parts[0]), isFirm(parts[parts.count - 1]) else {
      return nil
    }
    func states(_ isMeant: (Part) -> Bool) -> UInt64 {
      parts.indices.reduce(0) { isMeant(parts[$1]) ? $0 | 1 << UInt64($1) : $0 }
    }
    var wanted: [UInt32: UInt64] = [:]
    for case .scalar(let scalar) in parts where wanted[scalar] == nil {
      wanted[scalar] = states { $0 == .scalar(scalar) }
    }
    self.wanted = wanted
    digits = states { $0 == .digit }
    anything = states { $0 == .any || $0 == .anyOrNone }
    optional = states { $0 == .anyOrNone }
    end = 1 << UInt64(parts.count)
  }

  /// Folding drops white space at the ends, which separates a literal from the wildcards around it.
  private static func folded(_ literal: String) -> [Part] {
    guard let first = literal.unicodeScalars.first, let last = literal.unicodeScalars.last else { return [] }
    let scalars = FoldedText(literal).scalars.map { Part.scalar($0) }
    let space = Part.scalar(0x20)
    guard !scalars.isEmpty else { return first.properties.isWhitespace ? [space] : [] }
    return (first.properties.isWhitespace ? [space] : []) + scalars + (last.properties.isWhitespace ? [space] : [])
  }

  /// Whether a text contains the pattern, as whole words where it begins or ends with an ASCII letter or digit.
  func isFound(in text: FoldedText) -> Bool {
    let mark = FoldedText.wordMark
    return text.marked.withUnsafeBufferPointer { text in
      var states: UInt64 = 0
      for place in text.indices {
        let isInside = place > 0 && text[place - 1] & text[place] & mark != 0
        if !isInside { states |= 1 }
        guard states != 0 else { continue }
        let scalar = text[place] & ~mark
        var fitting = anything | (wanted[scalar] ?? 0)
        if (0x30...0x39).contains(scalar) { fitting |= digits }
        states = skippingOptionals((states & fitting) << 1)
        guard states & end != 0 else { continue }
        let continues = place + 1 < text.count && text[place] & text[place + 1] & mark != 0
        if !continues { return true }
        states &= ~end
      }
      return false
    }
  }

  private func skippingOptionals(_ states: UInt64) -> UInt64 {
    var all = states
    while true {
      let further = (all & optional) << 1 & ~all
      guard further != 0 else { return all }
      all |= further
    }
  }
}
