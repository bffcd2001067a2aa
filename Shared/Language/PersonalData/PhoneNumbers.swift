/// Formats of telephone numbers: China's mobile and fixed lines, those of Taiwan, Hong Kong and other countries with country code,
/// North America's, and national numbers after a 0.
enum PhoneNumbers {
  static func isPhone(_ number: NumberCandidate) -> Bool {
    if number.first.hasPlus { return isInternational(number.digits, number) }
    if number.digits.starts(with: [0, 0]) { return isInternational(number.digits.dropFirst(2), number, isKnown: true) }
    return isChinese(number) || isNational(number) || isNorthAmerican(number) || isAnnounced(number)
  }

  // MARK: China

  /// A mobile number: 11 digits from 13 to 19.
  static func isMobile(_ digits: some RandomAccessCollection<UInt8>) -> Bool {
    guard digits.count == 11, let first = digits.first, let second = digits.dropFirst().first else { return false }
    return first == 1 && (3...9).contains(second)
  }

  /// A fixed line with area code whose number begins with 2 to 9: 010 and 02x with eight digits, 03xx to 09xx with seven or eight.
  static func isFixedLine(_ digits: some RandomAccessCollection<UInt8>) -> Bool {
    let digits = Array(digits)
    guard (11...12).contains(digits.count), digits[0] == 0 else { return false }
    switch (digits[1], digits[2]) {
    case (1, 0), (2, _): return digits.count == 11 && digits[3] >= 2
    case (3...9, _): return digits[4] >= 2
    default: return false
    }
  }

  private static func isChinese(_ number: NumberCandidate) -> Bool {
    var (digits, sizes) = (number.digits[...], number.sizes[...])
    let isCountry = digits.starts(with: [8, 6]) && (sizes[0] == 2 || isMobile(digits.dropFirst(2)))
    if isCountry {
      digits = digits.dropFirst(2)
      if sizes[0] == 2 { sizes = sizes.dropFirst() } else { sizes[0] -= 2 }
    } else if digits.count == 12, digits[0] == 0, isMobile(digits.dropFirst()) {
      // A mobile number after the trunk prefix 0.
      digits = digits.dropFirst()
      sizes[0] -= 1
    }
    if isMobile(digits) {
      return isMobileShape(Array(sizes), number) || isCountry
        || sizes.allSatisfy { $0 >= 2 } && number.isTight && number.isAnnounced
    }
    // After the country code the area code usually has no 0.
    guard isCountry, number.isTight, sizes.count >= 2 else { return false }
    let area = sizes[sizes.startIndex]
    let line = digits.count - area
    return (2...4).contains(area) && (7...8).contains(line) && digits.first != 1 || area == 2 && line == 8
  }

  /// 11, 3-4-4 with any separator, 3-8, 7-4, eleven single digits; otherwise with dashes or dots throughout.
  private static func isMobileShape(_ sizes: [Int], _ number: NumberCandidate) -> Bool {
    switch sizes {
    case [11]: true
    case [3, 4, 4]: number.isTight || number.isUniform
    case [3, 8], [7, 4]: number.isTight
    default:
      sizes.allSatisfy { $0 == 1 }
        || sizes.allSatisfy { $0 >= 2 } && number.isUniform && [.dash, .dot].contains(number.gaps.first)
    }
  }

  // MARK: Other countries

  /// With a plus, or with 00 and a known country code.
  private static func isInternational(
    _ digits: some RandomAccessCollection<UInt8>, _ number: NumberCandidate, isKnown: Bool = false
  ) -> Bool {
    let digits = Array(digits)
    guard (8...16).contains(digits.count), number.isTight else { return false }
    for length in 1...3 {
      guard let lengths = nationalLengths[digits.prefix(length).reduce(0) { $0 * 10 + Int($1) }] else { continue }
      let national = digits.dropFirst(length)
      // "+44 (0)20 7946 0958"
      return lengths.contains(national.count) || national.first == 0 && lengths.contains(national.count - 1)
    }
    return !isKnown && digits.count <= 15
  }

  /// Digits after the country code, without the trunk 0 (ITU-T E.164, national plans).
  private static let nationalLengths: [Int: ClosedRange<Int>] = [
    1: 10...10, 7: 10...10, 20: 8...10, 27: 9...9, 30: 10...10, 31: 9...9, 32: 8...9, 33: 9...9, 34: 9...9, 36: 8...9,
    39: 6...11,
    40: 9...9, 41: 9...9, 43: 7...12, 44: 9...10, 45: 8...8, 46: 7...9, 47: 8...8, 48: 9...9, 49: 6...12, 52: 10...11,
    55: 10...11,
    60: 7...10, 61: 9...9, 62: 8...12, 63: 8...10, 64: 8...10, 65: 8...8, 66: 8...9, 81: 9...10, 82: 8...10, 84: 9...10,
    86: 9...11,
    90: 10...10, 91: 10...10, 92: 9...10, 351: 9...9, 353: 7...9, 358: 6...11, 852: 8...8, 853: 8...8, 886: 8...9,
    966: 9...9,
    971: 8...9,
  ]

  /// A number after the trunk prefix 0: any if grouped, otherwise only if the area or network is known.
  private static func isNational(_ number: NumberCandidate) -> Bool {
    let (digits, sizes) = (number.digits, number.sizes)
    guard (10...12).contains(digits.count), digits[0] == 0, digits[1] != 0, number.isTight else { return false }
    switch (sizes.count, sizes[0]) {
    case (1, _):
      let isMobile =
        digits.count == 10 && digits[1] == 9 || digits.count == 11 && digits[1] == 7
        || digits.count == 11 && digits[2] == 0 && [1, 5, 8, 9].contains(digits[1])
      return isMobile || isFixedLine(digits)
    case (2...5, 3...5): return true
    case (3, 2): return sizes == [2, 4, 4] && (number.gaps[0] == .bracket || number.gaps == [.dash, .dash])
    case (5, 2): return sizes == [2, 2, 2, 2, 2] && number.isUniform
    default: return false
    }
  }

  /// 3-3-4, with or without a 1 before it (North American Numbering Plan), except toll-free numbers.
  private static func isNorthAmerican(_ number: NumberCandidate) -> Bool {
    var (digits, sizes) = (number.digits[...], number.sizes[...])
    if sizes.count == 4, sizes[0] == 1, digits[0] == 1 { (digits, sizes) = (digits.dropFirst(), sizes.dropFirst()) }
    guard digits.count == 10, number.isTight, !isFree(digits) else { return false }
    let isPlausible = digits[digits.startIndex] >= 2 && digits[digits.startIndex + 3] >= 2
    switch Array(sizes) {
    case [3, 3, 4]: return isPlausible || !number.gaps.allSatisfy { $0 == .space }
    case [3, 7], [6, 4]: return isPlausible && number.gaps[0] != .space
    default: return false
    }
  }

  /// 400 and 800: company numbers.
  private static func isFree(_ digits: ArraySlice<UInt8>) -> Bool {
    switch digits.prefix(3).reduce(0, { $0 * 10 + Int($1) }) {
    case 400, 800, 866, 877, 888: true
    default: false
    }
  }

  /// 7 to 12 digits that the preceding text calls a telephone number.
  private static func isAnnounced(_ number: NumberCandidate) -> Bool {
    let digits = number.digits
    guard (7...12).contains(digits.count), number.sizes.count <= 4, number.isTight, Set(digits).count > 1 else {
      return false
    }
    // The first groups of a toll-free number must not count as a short number.
    let mayBeFree = number.sizes.count > 1 || digits.count >= 10
    if mayBeFree, isFree(digits[...]) || digits[0] == 1 && isFree(digits[1...]) { return false }
    if isDate(number) { return false }
    return number.isAnnounced
  }

  /// 20261128, 2026-11-28, 28.11.2026
  private static func isDate(_ number: NumberCandidate) -> Bool {
    let digits = number.digits
    guard digits.count == 8 else { return false }
    let value = { (range: Range<Int>) in digits[range].reduce(0) { $0 * 10 + Int($1) } }
    let isYearFirst =
      (1900...2099).contains(value(0..<4)) && (1...12).contains(value(4..<6)) && (1...31).contains(value(6..<8))
    let isYearLast =
      (1900...2099).contains(value(4..<8)) && (1...31).contains(value(0..<2)) && (1...31).contains(value(2..<4))
    return isYearFirst || isYearLast
  }

  // MARK: Cards

  /// Grouping of card numbers: groups of four, 4-6-5, 4-6-4, 8-8, 6-13, or no groups; the same separator throughout.
  static func isCardShape(_ number: NumberCandidate) -> Bool {
    let sizes = number.sizes
    guard number.isUniform, number.gaps.first != .bracket else { return false }
    if [[4, 6, 5], [4, 6, 4], [8, 8], [6, 10], [6, 13], [6, 12], [4, 12]].contains(sizes) { return true }
    return sizes.count == 1 || sizes.dropLast().allSatisfy { $0 == 4 } && sizes[sizes.count - 1] <= 4
  }
}
