/// An event that changes how many customers write, such as Double 11.
public struct KnownEvent: Hashable, Sendable {
  /// The event's name; the occurrences of all years share it.
  public let name: String
  /// When it takes place, in order. What came during earlier ones is learnt.
  public let occurrences: [Range<Instant>]
  /// How many times the usual number of tickets is expected while no occurrence has been seen; nil if nobody knows.
  public let factor: Double?

  /// - Parameter factor: above 0, at most `ForecastBounds.factorMost`.
  public init(name: String, occurrences: [Range<Instant>], factor: Double? = nil) {
    self.name = name
    self.occurrences = occurrences.sorted { $0.lowerBound < $1.lowerBound }
    self.factor = factor
  }
}
