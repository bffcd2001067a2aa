/// Numbers with a check digit.
enum CheckedNumbers {
  /// The value of the check character X.
  static let ten: UInt8 = 10

  /// GB 11643: region, day of birth, sequence, and a check character over 17 weighted digits.
  static func isIdentityNumber(_ digits: some RandomAccessCollection<UInt8>) -> Bool {
    guard digits.count == 18 else { return false }
    let digits = Array(digits)
    guard !digits.dropLast().contains(ten), (1...8).contains(digits[0]) else { return false }
    let value = { (range: Range<Int>) in digits[range].reduce(0) { $0 * 10 + Int($1) } }
    let (year, month, day) = (value(6..<10), value(10..<12), value(12..<14))
    guard provinces.contains(value(0..<2)), (1800...2099).contains(year), (1...12).contains(month),
      day >= 1, day <= daysOfMonth[month - 1]
    else { return false }
    let sum = zip(identityWeights, digits).reduce(0) { $0 + $1.0 * Int($1.1) } % 11
    return Int(digits[17]) == (12 - sum) % 11
  }

  private static let identityWeights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
  private static let daysOfMonth = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
  /// GB/T 2260, and 91 for foreigners' residence permits.
  private static let provinces = Set(
    Array(11...15) + Array(21...23) + Array(31...37) + Array(41...46) + Array(50...54) + Array(61...65) + [
      71, 81, 82, 83, 91,
    ])

  /// 13 to 19 digits of an existing issuer, with a Luhn check digit (ISO/IEC 7812-1).
  static func isCard(_ digits: some RandomAccessCollection<UInt8>) -> Bool {
    guard (13...19).contains(digits.count), !digits.contains(ten) else { return false }
    let prefix = digits.prefix(6).reduce(0) { $0 * 10 + Int($1) }
    guard issuers.contains(where: { $0.prefixes.contains(prefix) && $0.lengths.contains(digits.count) }) else {
      return false
    }
    var sum = 0
    for (place, digit) in digits.reversed().enumerated() {
      let doubled = place % 2 == 1 ? Int(digit) * 2 : Int(digit)
      sum += doubled > 9 ? doubled - 9 : doubled
    }
    return sum % 10 == 0
  }

  /// First six digits and lengths by network: UnionPay and Chinese banks' older debit cards, Visa, Mastercard, American Express,
  /// Diners Club, Discover, JCB, RuPay, Maestro.
  private static let issuers: [(prefixes: ClosedRange<Int>, lengths: ClosedRange<Int>)] = [
    (620_000...629_999, 16...19), (810_000...817_999, 16...19), (955_800...955_999, 16...19),
    (400_000...499_999, 13...13),
    (400_000...499_999, 16...19), (510_000...559_999, 16...16), (222_100...272_099, 16...16),
    (340_000...349_999, 15...15),
    (370_000...379_999, 15...15), (300_000...305_999, 14...16), (309_500...309_599, 14...16),
    (360_000...369_999, 14...16),
    (380_000...399_999, 14...16), (600_000...609_999, 16...19), (644_000...659_999, 16...19),
    (352_800...358_999, 16...19),
    (670_000...679_999, 16...19), (501_800...501_899, 16...19), (502_000...502_099, 16...19),
    (503_800...503_899, 16...19),
    (589_300...589_399, 16...19), (630_400...630_499, 16...19),
  ]
}
