/// The limits of elastic capacity.
public enum CapacityBounds {
  /// Workers of one service. The table's checks use the same numbers.
  public static let workers = 0...1_000
  /// An older observation counts as missing: nothing shrinks by it.
  public static let observationHolds: Duration = .seconds(5)
  /// Below this busy share the rate of a worker says little about what it could do: most of its time it had nothing to do.
  static let measurableShare = 0.05
  /// The weight of the newest measurement of what one worker does.
  static let measurementWeight = 0.25
  /// A worker that is busy for less than this share of its time does not cause a backlog: the work waits for another stage.
  static let bindingShare = 0.3
  /// Planned peaks of one service that are considered.
  public static let peaks = 100
}
