/// Finds personal numbers among the digits of a text.
struct NumberSearch {
  typealias Found = (kind: PersonalDatum.Kind, range: Range<Int>)

  /// Maximum groups of one number: eleven single digits.
  static let groups = 11
  /// Maximum digits of one number: an identity number, a card, or a telephone number with country code, plus a prefix.
  static let digits = 22

  /// The shortest possible telephone number.
  static let digitsAtLeast = 7

  private let scalars: [UInt32]
  private let reader: DigitReader

  init(_ plain: PlainText, mails: [Range<Int>]) {
    scalars = plain.scalars
    reader = DigitReader(plain, mails: mails)
  }

  func run(steps: inout Int) -> [Found] {
    var found: [Found] = []
    for chain in reader.chains() { found += cover(chain, steps: &steps) }
    return found + spelled(steps: &steps)
  }

  /// Returns the non-overlapping numbers that together cover the most digits of a chain.
  ///
  /// Whether groups form a number depends only on themselves and the text next to them. So the remainder contains no number:
  /// it would have been covered.
  private func cover(_ chain: [DigitGroup], steps: inout Int) -> [Found] {
    /// The most digits that can be covered from each group on, and the choice that covers them.
    var covered = [Int](repeating: 0, count: chain.count + 1)
    var choices = [(end: Int, found: [Found])?](repeating: nil, count: chain.count)
    for first in chain.indices.reversed() {
      covered[first] = covered[first + 1]
      guard chain[first].beginsClean else { continue }
      var candidate = NumberCandidate(scalars, first: chain[first])
      for last in first..<min(chain.count, first + Self.groups) {
        let group = chain[last]
        guard candidate.digits.count + group.range.count <= Self.digits else { break }
        candidate.append(group)
        steps += candidate.digits.count
        guard let number = candidate.number() else { continue }
        if candidate.digits.count + covered[last + 1] > covered[first] {
          covered[first] = candidate.digits.count + covered[last + 1]
          choices[first] = (last + 1, [number])
        }
      }
      if chain[first].range.count >= Self.digits, chain[first].ending != .code {
        let parts = glued(chain[first].range, steps: &steps)
        if !parts.isEmpty {
          covered[first] = chain[first].range.count + covered[first + 1]
          choices[first] = (first + 1, parts)
        }
      }
    }
    var found: [Found] = []
    var position = 0
    while position < chain.count {
      if let choice = choices[position] {
        found += choice.found
        position = choice.end
      } else {
        position += 1
      }
    }
    return found
  }

  /// Returns two or more adjacent numbers; empty unless they cover all digits.
  private func glued(_ range: Range<Int>, steps: inout Int) -> [Found] {
    let digits = scalars[range].map { UInt8($0 - 0x30) }
    var parts = [(kind: PersonalDatum.Kind, count: Int)?](repeating: nil, count: digits.count)
    for start in digits.indices.reversed() {
      for length in [18, 19, 16, 11] where start + length <= digits.count {
        steps += length
        guard start + length == digits.count || parts[start + length] != nil else { continue }
        let part = digits[start..<start + length]
        if length == 18, CheckedNumbers.isIdentityNumber(part) {
          parts[start] = (.identityNumber, length)
        } else if length >= 16, CheckedNumbers.isCard(part) {
          parts[start] = (.card, length)
        } else if length == 11, PhoneNumbers.isMobile(part) {
          parts[start] = (.phone, length)
        } else {
          continue
        }
        break
      }
    }
    var found: [Found] = []
    var start = 0
    while start < digits.count, let part = parts[start] {
      let begin = range.lowerBound + start
      found.append((part.kind, begin..<begin + part.count))
      start += part.count
    }
    return found
  }

  /// Finds telephone numbers in Chinese numerals or symbol digits: 一三八零零一三八零零零, ①③⑧…
  private func spelled(steps: inout Int) -> [Found] {
    var found: [Found] = []
    var digits: [UInt8] = []
    for index in 0...scalars.count {
      steps += 1
      if index < scalars.count, let digit = PlainText.spelledDigit(scalars[index]) {
        digits.append(digit)
        continue
      }
      // A word such as 一直 or 三次 may follow directly.
      if (Self.spelledDigits...Self.spelledDigits + 2).contains(digits.count),
        PhoneNumbers.isMobile(digits.prefix(Self.spelledDigits))
          || digits.count <= Self.spelledDigits + 1 && PhoneNumbers.isFixedLine(digits)
      {
        let start = index - digits.count
        let length = digits[0] == 0 ? digits.count : Self.spelledDigits
        found.append((.phone, start..<start + length))
      }
      digits.removeAll(keepingCapacity: true)
    }
    return found
  }

  private static let spelledDigits = 11
}

/// Neighbouring groups of digits that may be one number.
struct NumberCandidate {
  private let scalars: [UInt32]
  private(set) var digits: [UInt8] = []
  private(set) var sizes: [Int] = []
  /// The separators between the groups; one fewer than the groups.
  private(set) var gaps: [DigitGroup.Gap] = []
  let first: DigitGroup
  private var last: DigitGroup

  init(_ scalars: [UInt32], first: DigitGroup) {
    self.scalars = scalars
    self.first = first
    last = first
  }

  mutating func append(_ group: DigitGroup) {
    if !sizes.isEmpty, let gap = last.gap { gaps.append(gap) }
    for index in group.range { digits.append(UInt8(scalars[index] - 0x30)) }
    sizes.append(group.range.count)
    last = group
  }

  /// Returns the kind and range of the number; nil if the groups are not personal data.
  func number() -> NumberSearch.Found? {
    guard digits.count >= NumberSearch.digitsAtLeast, isPlausible else { return nil }
    if last.ending == .code { return nil }
    if last.hasCheckX {
      if CheckedNumbers.isIdentityNumber(digits + [CheckedNumbers.ten]) {
        return (.identityNumber, range(to: last.range.upperBound + 1))
      }
    } else if CheckedNumbers.isIdentityNumber(digits) {
      return (.identityNumber, range(to: last.range.upperBound))
    }
    let range = range(to: last.range.upperBound)
    if PhoneNumbers.isPhone(self) { return (.phone, range) }
    if PhoneNumbers.isCardShape(self), CheckedNumbers.isCard(digits) { return (.card, range) }
    return nil
  }

  /// Whether this many groups can be one number: five; more for foreign numbers, identity numbers and single digits.
  private var isPlausible: Bool {
    sizes.count <= 5 || sizes.count == NumberSearch.groups || first.hasPlus || digits[0] == 0 && digits[1] == 0
      || digits.count >= 17
  }

  private func range(to end: Int) -> Range<Int> {
    (gaps.contains(.bracket) && first.hasBracket ? first.start - 1 : first.start)..<end
  }

  /// Whether the preceding text refers to telephones and no unit follows.
  var isAnnounced: Bool {
    PhoneContext.speaksOfPhones(scalars[first.words.lowerBound..<first.start])
      && !PhoneContext.beginsWithUnit(scalars[last.range.upperBound..<last.words.upperBound])
  }

  /// Whether all gaps have the same separator.
  var isUniform: Bool { gaps.allSatisfy { $0 == gaps[0] } }

  /// Whether the gaps are typical of telephone numbers.
  var isTight: Bool {
    gaps.allSatisfy { gap in
      if case .sign = gap { false } else { true }
    }
  }
}
