import ArgumentParser

/// A length of time on the command line: `250ms`, `30s`, `5m`, `2h`; a number alone is seconds.
struct DurationArgument: ExpressibleByArgument, Sendable, Equatable, CustomStringConvertible {
  let duration: Duration
  let description: String

  init(_ duration: Duration, _ text: String) {
    self.duration = duration
    description = text
  }

  init?(argument: String) {
    let units: [(suffix: String, milliseconds: Double)] = [
      ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("", 1000),
    ]
    guard let unit = units.first(where: { argument.hasSuffix($0.suffix) }),
      let number = Double(argument.dropLast(unit.suffix.count)), number.isFinite, number >= 0,
      number * unit.milliseconds < 1e12
    else { return nil }
    duration = .milliseconds(Int64((number * unit.milliseconds).rounded()))
    description = argument
  }
}
