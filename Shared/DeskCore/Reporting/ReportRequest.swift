/// A report and its options, without its days.
public struct ReportRequest: Sendable, Hashable {
  /// What it is about.
  public let topic: ReportTopic
  /// How rows are grouped; only of outcomes and of handling.
  public let grouping: ReportGrouping
  /// The figure whose change is decomposed; only of changes.
  public let figure: ReportFigure

  /// Creates a request.
  /// - Parameters:
  ///   - grouping: nil for queues of outcomes, and agents of handling.
  ///   - figure: nil for the volume.
  public init(_ topic: ReportTopic, by grouping: ReportGrouping? = nil, of figure: ReportFigure? = nil) {
    self.topic = topic
    self.grouping = grouping ?? (topic == .handling ? .agent : .queue)
    self.figure = figure ?? .volume
  }

  /// Whether it can be grouped.
  public static func isGrouped(_ topic: ReportTopic) -> Bool { topic == .outcomes || topic == .handling }
  /// Whether it can be drawn.
  public static func isDrawn(_ topic: ReportTopic) -> Bool { topic == .outcomes || topic == .path }
  /// The maximum number of days. Occupancy compares each piece of work with each change of presence; a change reads two periods.
  public static func daysMost(_ topic: ReportTopic) -> Int {
    switch topic {
    case .occupancy: 31
    case .change: 92
    case .outcomes, .handling, .transfers, .path: 366
    }
  }
}
