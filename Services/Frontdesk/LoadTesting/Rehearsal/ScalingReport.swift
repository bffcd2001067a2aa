import CommandLineTool
import DeskReporting
import Foundation

/// What a scaling rehearsal measured.
struct ScalingReport: Sendable, Equatable, Encodable {
  /// The throughput of one number of routers.
  struct Point: Sendable, Equatable, Encodable {
    var routers: Int
    /// Decided messages per second.
    var perSecond: Double

    enum CodingKeys: String, CodingKey {
      case routers
      case perSecond = "per_second"
    }
  }

  /// The share of linear growth that counts as linear.
  static let linear = 0.9
  /// How soon a new router should take work, in seconds after its start.
  static let promptSeconds = 1.0

  var points: [Point]
  /// From the start of a new router's process to its first decision.
  var firstWorkSeconds: Double
  var ledger: LedgerVerdict

  enum CodingKeys: String, CodingKey {
    case points
    case firstWorkSeconds = "first_work_seconds"
    case ledger
  }

  /// The throughput of a point as a share of what the first one would reach with as many routers.
  func share(of point: Point) -> Double {
    guard let first = points.first, first.perSecond > 0, point.routers > 0 else { return 0 }
    return point.perSecond * Double(first.routers) / (first.perSecond * Double(point.routers))
  }

  var isGood: Bool {
    ledger.isGood && firstWorkSeconds <= Self.promptSeconds && points.allSatisfy { share(of: $0) >= Self.linear }
  }

  /// For people.
  var text: String {
    var table = TextTable([("routers", .right), ("messages/s", .right), ("of linear", .right)])
    for point in points {
      table.add([
        "\(point.routers)", String(format: "%.0f", point.perSecond), String(format: "%.2f", share(of: point)),
      ])
    }
    return """
      \(table.text)

      A new router took its first work \(String(format: "%.2f", firstWorkSeconds)) s after its process started.
      After scaling in under load: \(ledger.sentence).
      """
  }
}
