/// Finds what identifies a person or opens an account in a text: mail addresses, telephone numbers, payment cards (Luhn's
/// check) and Chinese identity numbers (ISO 7064 check character), in half or full width.
///
/// Numbers that merely are long, such as those of orders and parcels, do not pass the checks and stay readable. It is written to
/// miss little: a number that passes a check by chance is masked too.
public struct PersonalDataFinder: Sendable {
  public init() {}

  /// What was found, in the order of the text, never overlapping.
  public func find(in text: String) -> [PersonalDatum] {
    let scalars = Array(text.unicodeScalars.map { Self.plain($0.value) })
    // Most messages hold neither, and are looked at no further.
    guard scalars.contains(Self.at) || scalars.count(where: Self.isDigit) >= Self.digitsAtLeast else { return [] }
    var found = mails(scalars)
    var index = 0
    while index < scalars.count {
      guard let run = NumberRun(scalars, from: index) else {
        index += 1
        continue
      }
      if let datum = number(run, scalars), !found.contains(where: { $0.range.overlaps(datum.range) }) {
        found.append(datum)
      }
      index = run.range.upperBound
    }
    return found.sorted { $0.range.lowerBound < $1.range.lowerBound }
  }

  /// The text with everything found replaced by the name of its kind in square brackets.
  public func mask(_ text: String) -> String {
    let found = find(in: text)
    if found.isEmpty { return text }
    let scalars = Array(text.unicodeScalars)
    var result = String.UnicodeScalarView()
    var position = 0
    for datum in found {
      result.append(contentsOf: scalars[position..<datum.range.lowerBound])
      result.append(contentsOf: "[\(datum.kind.rawValue)]".unicodeScalars)
      position = datum.range.upperBound
    }
    result.append(contentsOf: scalars[position...])
    return String(result)
  }

  /// The shortest number that can be a telephone's.
  private static let digitsAtLeast = 7
  private static let at: UInt32 = 0x40

  /// Full-width signs as their plain ones.
  private static func plain(_ scalar: UInt32) -> UInt32 {
    (0xFF01...0xFF5E).contains(scalar) ? scalar - 0xFEE0 : scalar
  }

  static func isDigit(_ scalar: UInt32) -> Bool { (0x30...0x39).contains(scalar) }

  static func isLatin(_ scalar: UInt32) -> Bool {
    (0x41...0x5A).contains(scalar) || (0x61...0x7A).contains(scalar)
  }
}

/// Something personal in a text.
public struct PersonalDatum: Sendable, Equatable {
  public enum Kind: String, Sendable, CaseIterable {
    case phone, mail, card
    case identityNumber = "identity number"
  }

  public let kind: Kind
  /// Where it is, in Unicode scalars.
  public let range: Range<Int>
}

// MARK: - Mail addresses

extension PersonalDataFinder {
  private func mails(_ scalars: [UInt32]) -> [PersonalDatum] {
    var found: [PersonalDatum] = []
    for index in scalars.indices where scalars[index] == Self.at {
      var start = index
      while start > (found.last?.range.upperBound ?? 0) && Self.isLocal(scalars[start - 1]) { start -= 1 }
      var end = index + 1
      while end < scalars.count && Self.isDomain(scalars[end]) { end += 1 }
      // A full stop or a dash behind the address belongs to the sentence.
      while end > index + 1 && !(Self.isDigit(scalars[end - 1]) || Self.isLatin(scalars[end - 1])) { end -= 1 }
      let domain = scalars[(index + 1)..<end]
      guard start < index, let dot = domain.lastIndex(of: 0x2E), dot > index + 1,
        domain[(dot + 1)...].count >= 2, domain[(dot + 1)...].allSatisfy(Self.isLatin)
      else { continue }
      found.append(PersonalDatum(kind: .mail, range: start..<end))
    }
    return found
  }

  private static func isLocal(_ scalar: UInt32) -> Bool {
    isDigit(scalar) || isLatin(scalar) || [0x2E, 0x5F, 0x25, 0x2B, 0x2D].contains(scalar)
  }

  private static func isDomain(_ scalar: UInt32) -> Bool {
    isDigit(scalar) || isLatin(scalar) || scalar == 0x2E || scalar == 0x2D
  }
}

// MARK: - Numbers

/// Digits with single signs between them, as people write numbers.
private struct NumberRun {
  /// From the first sign or digit to behind the last digit.
  let range: Range<Int>
  /// The groups of digits, the last one perhaps ending in X.
  let groups: [[UInt32]]
  let hasPlus: Bool
  let isWhole: Bool

  var digits: [UInt32] { groups.flatMap { $0 } }

  init?(_ scalars: [UInt32], from start: Int) {
    let plus: UInt32 = 0x2B
    let bracket: UInt32 = 0x28
    hasPlus = scalars[start] == plus
    let first = hasPlus || scalars[start] == bracket ? start + 1 : start
    guard first < scalars.count, PersonalDataFinder.isDigit(scalars[first]) else { return nil }
    var groups: [[UInt32]] = [[]]
    var index = first
    var end = first
    while index < scalars.count {
      let scalar = scalars[index]
      if PersonalDataFinder.isDigit(scalar) {
        groups[groups.count - 1].append(scalar - 0x30)
        index += 1
        end = index
      } else if let next = Self.digit(behindSignsAt: index, in: scalars) {
        groups.append([])
        index = next
      } else {
        break
      }
    }
    // The check character of an identity number.
    if end < scalars.count, scalars[end] == 0x58 || scalars[end] == 0x78, groups[groups.count - 1].count >= 3 {
      groups[groups.count - 1].append(Self.ten)
      end += 1
    }
    let isWordBefore = start > 0 && Self.continues(scalars[start - 1])
    let isWordBehind = end < scalars.count && Self.continues(scalars[end])
    range = start..<end
    self.groups = groups
    isWhole = !isWordBefore && !isWordBehind
  }

  static let ten: UInt32 = 10

  /// One or two signs such as ") " and then a digit.
  private static func digit(behindSignsAt index: Int, in scalars: [UInt32]) -> Int? {
    let signs: Set<UInt32> = [0x20, 0x2D, 0x2E, 0x28, 0x29, 0xA0, 0x2010, 0x2011, 0x2013]
    var next = index
    while next < scalars.count, next < index + 2, signs.contains(scalars[next]) { next += 1 }
    return next > index && next < scalars.count && PersonalDataFinder.isDigit(scalars[next]) ? next : nil
  }

  private static func continues(_ scalar: UInt32) -> Bool {
    PersonalDataFinder.isDigit(scalar) || PersonalDataFinder.isLatin(scalar) || scalar == 0x5F
  }
}

extension PersonalDataFinder {
  private func number(_ run: NumberRun, _ scalars: [UInt32]) -> PersonalDatum? {
    guard run.isWhole else { return nil }
    let digits = run.digits
    if Self.isIdentityNumber(digits) { return PersonalDatum(kind: .identityNumber, range: run.range) }
    guard !digits.contains(NumberRun.ten) else { return nil }
    if Self.isPhone(run) { return PersonalDatum(kind: .phone, range: run.range) }
    if Self.isCard(digits) { return PersonalDatum(kind: .card, range: run.range) }
    return nil
  }

  /// GB 11643: region, day of birth, sequence, and a check character over 17 weighted digits.
  static func isIdentityNumber(_ digits: [UInt32]) -> Bool {
    guard digits.count == 18, !digits.dropLast().contains(NumberRun.ten), (1...8).contains(digits[0]) else {
      return false
    }
    let value = { (range: Range<Int>) in digits[range].reduce(0) { $0 * 10 + $1 } }
    guard (1800...2099).contains(value(6..<10)), (1...12).contains(value(10..<12)), (1...31).contains(value(12..<14))
    else { return false }
    let weights: [UInt32] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    let sum = zip(weights, digits).reduce(0) { $0 + $1.0 * $1.1 } % 11
    return digits[17] == (12 - sum) % 11
  }

  /// 13 to 19 digits of an issuer that exists, with Luhn's check digit (ISO/IEC 7812-1).
  static func isCard(_ digits: [UInt32]) -> Bool {
    guard (13...19).contains(digits.count), (2...6).contains(digits[0]), Set(digits).count > 1 else { return false }
    var sum: UInt32 = 0
    for (place, digit) in digits.reversed().enumerated() {
      let doubled = place % 2 == 1 ? digit * 2 : digit
      sum += doubled > 9 ? doubled - 9 : doubled
    }
    return sum % 10 == 0
  }

  /// A Chinese mobile or fixed line, a North American number in its usual groups, or anything international with a plus.
  private static func isPhone(_ run: NumberRun) -> Bool {
    let digits = run.digits
    if run.hasPlus { return (8...15).contains(digits.count) }
    let national: ArraySlice<UInt32> =
      if digits.starts(with: [0, 0, 8, 6]) {
        digits.dropFirst(4)
      } else if digits.starts(with: [8, 6]),
        digits.count >= 12
      { digits.dropFirst(2) } else { digits[...] }
    if national.count == 11, national.first == 1, let second = national.dropFirst().first, (3...9).contains(second) {
      return true
    }
    let sizes = run.groups.map(\.count)
    if national.first == 0, sizes.count == 2, (3...4).contains(sizes[0]), (7...8).contains(sizes[1]) { return true }
    let isFreeOfCharge = [[4, 0, 0], [8, 0, 0]].contains(run.groups[0])
    return (sizes == [3, 3, 4] || sizes == [1, 3, 3, 4] && digits[0] == 1) && !isFreeOfCharge
  }
}
