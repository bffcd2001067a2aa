/// How many router workers carry a rate of messages: a base, and a reserve of a fifth of it, at least one.
public struct WorkerNeed: Hashable, Sendable {
  public let base: Int
  public let reserve: Int

  public var total: Int { base + reserve }

  /// The share of the base that is held in reserve.
  static let reserveShare = 0.2

  /// Returns the workers for a rate.
  /// - Parameters:
  ///   - messagesPerSecond: what arrives.
  ///   - perWorker: what one worker handles per second.
  /// - Throws: `StaffingError` for values outside of `StaffingBounds`.
  public static func workers(messagesPerSecond: Double, perWorker: Double) throws(StaffingError) -> WorkerNeed {
    try StaffingError.check(messagesPerSecond, .messages, in: StaffingBounds.messagesPerSecond)
    try StaffingError.check(perWorker, .workerCapacity, in: StaffingBounds.workerCapacity)
    let needed = (messagesPerSecond / perWorker).rounded(.up)
    try StaffingError.check(needed, .workers, in: 0...Double(StaffingBounds.workers))
    let base = max(1, Int(needed))
    return WorkerNeed(base: base, reserve: max(1, Int((reserveShare * Double(base)).rounded(.up))))
  }
}
