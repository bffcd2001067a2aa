package import DeskCore
import Foundation

/// A timestamp: in local time to the millisecond for people, in UTC per RFC 3339 for programs.
package struct Moment: Encodable, Hashable, Sendable, CustomStringConvertible {
  package let instant: Instant

  package init(_ instant: Instant) { self.instant = instant }

  package var description: String { Moment.text(instant) }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(RFC3339.text(instant))
  }

  /// In the local time zone, to the millisecond.
  package static func text(_ instant: Instant) -> String {
    let formatter = DateFormatter()
    formatter.locale = Locale(identifier: "en_US_POSIX")
    formatter.dateFormat = "yyyy-MM-dd HH:mm:ss.SSS"
    return formatter.string(from: Date(timeIntervalSince1970: Double(instant.microseconds) / 1e6))
  }
}
