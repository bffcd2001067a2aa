import DeskCore
import Foundation

/// Moments for people, in their own time zone.
enum Moment {
  /// To the millisecond.
  static func text(_ instant: Instant) -> String {
    let formatter = DateFormatter()
    formatter.locale = Locale(identifier: "en_US_POSIX")
    formatter.dateFormat = "yyyy-MM-dd HH:mm:ss.SSS"
    return formatter.string(from: Date(timeIntervalSince1970: Double(instant.microseconds) / 1e6))
  }
}
