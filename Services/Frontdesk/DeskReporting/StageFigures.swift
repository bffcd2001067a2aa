import CommandLineTool
import Store

/// The backlog of one processing stage.
package struct StageFigures: Sendable, Equatable, Encodable {
  var stage: String
  var waiting: Int64
  /// Seconds since the oldest item entered the stage (for assigned tickets: since the ticket was opened); nil when nothing waits.
  @OrNull var oldestAgeSeconds: Double?

  enum CodingKeys: String, CodingKey {
    case stage, waiting
    case oldestAgeSeconds = "oldest_age_seconds"
  }
}

extension StageFigures {
  init(_ figures: StageBacklog) {
    self.init(stage: figures.stage, waiting: figures.waiting, oldestAgeSeconds: figures.oldestAgeSeconds)
  }
}
