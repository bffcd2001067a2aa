/// Limits on reading from replicas.
public enum ReplicaBounds {
  /// Replicas in one setting.
  public static let replicas = 8
  /// How often a replica's data is dated.
  public static let lookPause: Duration = .seconds(1)
  /// How long a replica may take to say how old its data is, and to open a connection, before the primary answers.
  public static let patience: Duration = .seconds(1)
  /// A replica that was not dated for this long answers nothing: it may be gone without its connections having noticed.
  public static let silence: Duration = .seconds(3)
  /// The age of a replica's data from which answers say so, and beyond which the primary answers; the range in which they can be set.
  public static let noticeAge: Duration = .seconds(10)
  public static let limitAge: Duration = .seconds(60)
  public static let ages: ClosedRange<Duration> = .seconds(5)...(.seconds(3600))

  /// Checks the limits once.
  static func check() {
    precondition(
      FleetBounds.heartbeat + lookPause + patience < silence, "one look that was late does not make a replica silent"
    )
    precondition(
      FleetBounds.heartbeat + silence < ages.lowerBound, "data of a replica that is not behind is never called old")
    precondition(ages.contains(noticeAge) && ages.contains(limitAge) && noticeAge < limitAge)
  }
}
