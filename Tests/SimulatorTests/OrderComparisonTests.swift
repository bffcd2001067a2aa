import DeskCore
import Foundation
import Simulator
import Testing

/// The comparison of `deploy/scenarios/comparisons/peak.yaml` with few seeds, so that a later change cannot make the desk's order worse
/// unnoticed. `ComparisonBenchmark` has the whole of it.
@Suite("Comparison of orders in a peak with impatient customers")
struct OrderComparisonTests {
  private static let peak: Scenario? = {
    let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
    guard let bytes = try? Data(contentsOf: root.appending(path: "deploy/scenarios/comparisons/peak.yaml")),
      var scenario = try? ScenarioDocument.read(bytes, policy: { _ in nil })
    else { return nil }
    scenario.length = .seconds(4 * 3_600)
    scenario.arrivals[0].periods = [
      .init(from: .zero, ratePerHour: 1_800), .init(from: .seconds(3 * 3_600), ratePerHour: 1_020),
    ]
    scenario.patience = [PatienceRule(time: .exponential(mean: 3_600))]
    return scenario
  }()

  @Test func theDesksOrderHasTheLeastShareLateAndProtectsVIP() throws {
    var late: [ServiceOrder: Double] = [:]
    var tail: [ServiceOrder: Double] = [:]
    var longest: [ServiceOrder: Double] = [:]
    var peak = try #require(Self.peak)
    for order in ServiceOrder.allCases {
      peak.order = order
      let runs = try QueueScenario.results(peak, seeds: 1...2)
      late[order] = ConfidenceInterval(runs.map(\.all.shareLate)).mean
      tail[order] = ConfidenceInterval(runs.map { $0.all.lateness.quantile(0.99) }).mean
      longest[order] = runs.map(\.all.waits.largest).max()
      guard order == .desk else { continue }
      for run in runs {
        #expect(run.tiers[.vip]?.shareLate ?? 1 < 0.01 && run.classes[.urgent]?.shareLate ?? 1 < 0.01)
      }
    }
    let desk = try #require(late[.desk])
    #expect(desk < 0.05)
    for order in ServiceOrder.allCases where order != .desk {
      #expect(desk * 1.5 < late[order] ?? 0, "\(order): \(late)")
    }
    // Who is demoted waits longer than in the orders that let everybody be late, and far less than in strict priority.
    #expect(tail[.desk] ?? 0 < (tail[.strictPriority] ?? 0) / 2, "\(tail)")
    #expect(longest[.desk] ?? 0 < (longest[.strictPriority] ?? 0) / 2, "\(longest)")
  }
}
