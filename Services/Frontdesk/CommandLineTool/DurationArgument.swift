import ArgumentParser

/// A duration on the command line: `250ms`, `30s`, `5m`, `2h`, `1d`, also fractions such as `1.5h`. Only `0` needs no unit.
package struct DurationArgument: Sendable, Equatable, CustomStringConvertible {
  package let duration: Duration
  package let description: String

  private static let units: [(suffix: String, milliseconds: Double)] = [
    ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
  ]

  /// The maximum: 10,000 days.
  private static let most = 10_000.0 * 86_400_000

  package init(_ duration: Duration, _ text: String) {
    self.duration = duration
    description = text
  }

  /// Parses an argument, as the `transform` of an option.
  /// - Throws: `ValidationError` with the units.
  package static func read(_ argument: String) throws -> DurationArgument {
    if argument == "0" { return DurationArgument(.zero, argument) }
    let number = argument.utf8.prefix { (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }
    let unit = argument.utf8.dropFirst(number.count)
    guard let known = units.first(where: { unit.elementsEqual($0.suffix.utf8) }),
      let count = Double(Substring(number)), count * known.milliseconds <= most
    else {
      throw ValidationError("write a number with its unit, ms, s, m, h or d, such as 90s or 24h, up to 10000d")
    }
    return DurationArgument(.milliseconds(Int64((count * known.milliseconds).rounded())), argument)
  }
}
