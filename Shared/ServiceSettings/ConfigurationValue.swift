/// A value validated against its key's kind.
enum ConfigurationValue: Sendable, Equatable {
  case text(String)
  case integer(Int)
  case boolean(Bool)
  case duration(Duration)
  case share(Double)

  /// Why a value is rejected, and what to write instead.
  struct Refusal: Error, Equatable {
    var problem: String
    var remedy: String
  }

  static func read(_ text: String, as kind: ConfigurationKey.Kind) throws(Refusal) -> ConfigurationValue {
    switch kind {
    case .string:
      return .text(text)
    case .choice(let words):
      guard words.contains(text) else {
        throw Refusal(problem: "is not an allowed value", remedy: "write one of \(words.joined(separator: ", "))")
      }
      return .text(text)
    case .integer(let range):
      let remedy = "write a whole number from \(range.lowerBound) to \(range.upperBound)"
      guard let number = Int(text) else { throw Refusal(problem: "is not a whole number", remedy: remedy) }
      guard range.contains(number) else { throw Refusal(problem: "is out of range", remedy: remedy) }
      return .integer(number)
    case .boolean:
      guard let flag = Bool(text) else {
        throw Refusal(problem: "is neither true nor false", remedy: "write true or false")
      }
      return .boolean(flag)
    case .duration(let range):
      let remedy = "write a whole number with ms, s, m, h or d, from \(range.lowerBound) to \(range.upperBound)"
      guard let duration = duration(text) else { throw Refusal(problem: "is not a duration", remedy: remedy) }
      guard range.contains(duration) else { throw Refusal(problem: "is out of range", remedy: remedy) }
      return .duration(duration)
    case .byteCount(let range):
      let remedy = "write a whole number with B, KiB, MiB or GiB, from \(range.lowerBound) to \(range.upperBound) bytes"
      guard let count = byteCount(text) else { throw Refusal(problem: "is not a number of bytes", remedy: remedy) }
      guard range.contains(count) else { throw Refusal(problem: "is out of range", remedy: remedy) }
      return .integer(count)
    case .share:
      guard let share = Double(text), (0...1).contains(share) else {
        throw Refusal(problem: "is not a share", remedy: "write a decimal number from 0 to 1, such as 0.05")
      }
      return .share(share)
    }
  }

  private static func duration(_ text: String) -> Duration? {
    guard let (number, unit) = split(text) else { return nil }
    let milliseconds: [String: Int] = ["ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000]
    guard let factor = milliseconds[unit] else { return nil }
    let (product, overflow) = number.multipliedReportingOverflow(by: factor)
    return overflow ? nil : .milliseconds(product)
  }

  private static func byteCount(_ text: String) -> Int? {
    guard let (number, unit) = split(text) else { return nil }
    let bytes: [String: Int] = ["": 1, "B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30]
    guard let factor = bytes[unit] else { return nil }
    let (product, overflow) = number.multipliedReportingOverflow(by: factor)
    return overflow ? nil : product
  }

  private static func split(_ text: String) -> (number: Int, unit: String)? {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    guard let number = Int(digits) else { return nil }
    return (number, String(text.dropFirst(digits.count)))
  }
}
