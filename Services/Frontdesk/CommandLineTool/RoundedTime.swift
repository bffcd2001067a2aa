import Foundation

/// Durations rounded to their significant digits, as text.
package enum RoundedTime {
  /// Formats milliseconds with the significant digits.
  package static func milliseconds(_ value: Double) -> String {
    value < 10
      ? String(format: "%.1f ms", value) : value < 10_000 ? String(format: "%.0f ms", value) : seconds(value / 1000)
  }

  package static func seconds(_ value: Double) -> String {
    value < 100 ? String(format: "%.1f s", value) : String(format: "%.0f s", value)
  }
}
