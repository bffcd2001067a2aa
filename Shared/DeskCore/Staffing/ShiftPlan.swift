/// Shifts that cover what a plan requires, and where they do not.
public struct ShiftPlan: Hashable, Sendable {
  /// One agent's shift.
  public struct Shift: Hashable, Sendable {
    public let queue: QueueID
    /// The template's name.
    public let template: String
    public let start: Instant
    public let end: Instant
    public let breaks: [Range<Instant>]
  }

  /// A stretch of time in which a queue has fewer agents than required.
  public struct Shortfall: Hashable, Sendable {
    public let queue: QueueID
    public let start: Instant
    public let end: Instant
    /// The most agents missing at once, and the hours missing in all.
    public let agents: Int
    public let hours: Double
    /// What the worst of it comes to if it lasts: the share of customers who give up, and the wait of the others in seconds, in the fluid
    /// limit. An underload even so comes to none.
    public let abandonedShare: Double
    public let waitSeconds: Double
  }

  /// One queue's agents over the grid of `StaffingBounds.gridMinutes`.
  public struct Cover: Hashable, Sendable {
    public let queue: QueueID
    public let required: [Int]
    public let covered: [Int]
  }

  /// When the grid begins.
  public let start: Instant
  /// Sorted by queue.
  public let covers: [Cover]
  /// Sorted by start, queue and template.
  public let shifts: [Shift]
  public let shortfalls: [Shortfall]
  /// Agent-hours that are required: no shifts cost less.
  public let requiredHours: Double
  /// The same with the breaks of the template that has the least of them: the better of the two bounds.
  public let leastPaidHours: Double
  /// Hours that the shifts cost.
  public let paidHours: Double
}
