/// A quantity that no staffing formula can work with.
public struct StaffingError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What the quantity is.
  public enum Quantity: String, Hashable, Sendable {
    case arrivals = "the arrival rate (tickets per second)"
    case handling = "the handling time (seconds)"
    case patience = "the patience (seconds)"
    case load = "the offered load (Erlangs)"
    case agents = "the number of agents"
    case targetShare = "the share of the target"
    case targetTime = "the time of the target (seconds)"
    case shrinkage = "the shrinkage (share of paid time)"
    case ticketsPerAgent = "the tickets per agent"
    case periods = "the number of periods"
    case periodLength = "the length of a period (seconds)"
    case expected = "the expected number of tickets"
    case messages = "the message rate (messages per second)"
    case messagesPerTicket = "the messages per ticket"
    case workerCapacity = "the capacity of a worker (messages per second)"
    case workers = "the number of workers"
    case planLength = "the length of the plan (seconds)"
    case templates = "the number of shift templates"
    case shiftLength = "the length of a shift (minutes)"
    case shiftStart = "the start of a shift (minutes)"
    case shiftBreak = "the break of a shift (minutes)"
  }

  public let quantity: Quantity
  /// The value that was given.
  public let value: Double
  /// What to give instead.
  public let remedy: String

  public var description: String { "\(quantity.rawValue) is \(value); \(remedy)" }

  /// - Throws: an error when the value is outside of the range, or not a number.
  static func check(_ value: Double, _ quantity: Quantity, in range: ClosedRange<Double>) throws(StaffingError) {
    guard range.contains(value) else {
      let allowed =
        range.upperBound.isFinite ? "from \(range.lowerBound) to \(range.upperBound)" : "at least \(range.lowerBound)"
      throw StaffingError(quantity: quantity, value: value, remedy: "it must be \(allowed)")
    }
  }
}
