import DeskCore
import Foundation
import PolicyReading
import Simulator

/// `swift run -c release ComparisonBenchmark [SEEDS]`: the published comparisons that `Shared/Simulator/README.md` states, run from
/// `deploy/scenarios/comparisons`, and what other settings of the desk's order would give.
@main
struct ComparisonBenchmark {
  static func main() throws {
    let seeds = CommandLine.arguments.count > 1 ? UInt64(CommandLine.arguments[1]) ?? 10 : 10
    let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(
      path: "../../../deploy/scenarios/comparisons"
    )
    .standardizedFileURL
    let parts = CommandLine.arguments.dropFirst(2)
    func wants(_ part: String) -> Bool { parts.isEmpty || parts.contains(part) }
    if wants("skills") { try skills(folder, seeds: seeds) }
    if wants("orders") { try orders(folder, seeds: seeds, Variant.orders) }
    if wants("settings") { try orders(folder, seeds: seeds, Variant.settings) }
    if wants("evening") { try evening(folder, seeds: seeds) }
    if wants("reserve") { try ReserveComparison.run(read("sale-day.yaml", in: folder), seeds: seeds) }
  }

  // MARK: The comparisons

  private static func skills(_ folder: URL, seeds: UInt64) throws {
    print(
      "\n| skills per agent | found no agent at once | mean wait s | waited over 30 s | occupancy |\n|---|---|---|---|---|"
    )
    let scenario = try read("skills.yaml", in: folder)
    let names = scenario.kinds.map { SkillID($0.name) }
    let pairs = scenario.staff[0].agents
    for (name, mastered) in [("one", 1), ("two", 2), ("three", 3), ("all six", 6)] {
      var scenario = scenario
      scenario.staff[0].agents = pairs.enumerated().map { number, agent in
        guard mastered != 2 else { return agent }
        let skills = (0..<mastered).map { names[(number + $0 * (1 + number / 6 % 2)) % names.count] }
        return AgentProfile(
          id: agent.id, teams: agent.teams, skills: Dictionary(skills.map { ($0, 5) }) { first, _ in first },
          languages: agent.languages, capacity: agent.capacity)
      }
      let runs = try run(scenario, seeds: seeds)
      print(
        "| \(name) | \(Figures.percent(runs) { $0.all.shareDelayed }) | \(Figures.number(runs) { $0.all.waits.mean }) | \(Figures.percent(runs) { $0.all.shareLate }) | \(Figures.percent(runs) { $0.occupancy }) |"
      )
    }
  }

  /// A peak of some hours at a multiple of what the agents can serve, then two hours at 0.85 of it.
  private struct Peak {
    let load: Double
    let hours: Int64
    /// Mean patience in minutes; nil where nobody gives up.
    let patience: Double?
  }

  private static let peaks = [
    Peak(load: 1.2, hours: 3, patience: nil), Peak(load: 1.5, hours: 1, patience: nil),
    Peak(load: 1.2, hours: 3, patience: 60), Peak(load: 1.5, hours: 3, patience: 60),
  ]

  private static func orders(_ folder: URL, seeds: UInt64, _ variants: [Variant]) throws {
    let scenario = try read("peak.yaml", in: folder)
    for peak in peaks {
      var changed = scenario
      changed.length = .seconds((peak.hours + 2) * 3_600)
      changed.arrivals[0].periods = [
        .init(from: .zero, ratePerHour: 1_200 * peak.load),
        .init(from: .seconds(peak.hours * 3_600), ratePerHour: 1_020),
      ]
      changed.patience = peak.patience.map { [PatienceRule(time: .exponential(mean: $0 * 60))] } ?? []
      let patience = peak.patience.map { "patience \(Int($0)) min on average" } ?? "nobody gives up"
      print("\n\(peak.hours) h at \(peak.load), \(patience):\n")
      try table(changed, variants, seeds: seeds)
    }
  }

  private static func evening(_ folder: URL, seeds: UInt64) throws {
    print("\nThe sale evening:\n")
    try table(read("sale-evening.yaml", in: folder), Variant.orders + Variant.settings, seeds: seeds)
  }

  private static func table(_ scenario: Scenario, _ variants: [Variant], seeds: UInt64) throws {
    print(
      "| order | late | urgent | high | normal | low | VIP | lateness 99 % min | longest wait min | gave up |\n|---|---|---|---|---|---|---|---|---|---|"
    )
    for variant in variants {
      var scenario = scenario
      variant.change(&scenario)
      let runs = try run(scenario, seeds: seeds)
      let classes = Priority.allCases.map { priority in
        Figures.percent(runs) { $0.classes[priority]?.shareLate ?? 0 }
      }
      print(
        "| \(variant.name) | \(Figures.percent(runs) { $0.all.shareLate }) | \(classes.joined(separator: " | ")) | \(Figures.percent(runs) { $0.tiers[.vip]?.shareLate ?? 0 }) | \(Figures.number(runs) { $0.all.lateness.quantile(0.99) / 60 }) | \(Figures.number(runs) { $0.all.waits.largest / 60 }) | \(Figures.percent(runs) { $0.all.shareAbandoned }) |"
      )
    }
  }

  // MARK: Runs

  private static func read(_ name: String, in folder: URL) throws -> Scenario {
    try ScenarioDocument.read(Data(contentsOf: folder.appending(path: name))) { policy in
      let path = folder.appending(path: policy).standardizedFileURL
      guard let bytes = try? Data(contentsOf: path) else { return nil }
      return try? PolicyBundle(
        bytes: bytes, version: 0, folder: path.deletingLastPathComponent().path, secretsElsewhere: true
      ).document.policy
    }
  }

  private static func run(_ scenario: Scenario, seeds: UInt64) throws -> [SimulationResult] {
    try (1...seeds).map { seed in
      var simulation = Simulation(scenario, seed: SimulationSeed(seed))
      return try simulation.run()
    }
  }
}

/// Means over seeds with their 95 % intervals.
enum Figures {
  static func percent(_ runs: [SimulationResult], _ figure: (SimulationResult) -> Double) -> String {
    let interval = ConfidenceInterval(runs.map { figure($0) * 100 })
    return "\(rounded(interval.mean)) ± \(rounded(interval.halfWidth ?? 0)) %"
  }

  static func number(_ runs: [SimulationResult], _ figure: (SimulationResult) -> Double) -> String {
    let interval = ConfidenceInterval(runs.map(figure))
    return "\(rounded(interval.mean)) ± \(rounded(interval.halfWidth ?? 0))"
  }

  private static func rounded(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }
}

/// An order of service, or a setting of the desk's.
struct Variant: Sendable {
  let name: String
  let change: @Sendable (inout Scenario) -> Void

  static let orders = [
    Variant(name: "first in, first out") { $0.order = .firstInFirstOut },
    Variant(name: "strict priority") { $0.order = .strictPriority },
    Variant(name: "earliest deadline") { $0.order = .earliestDeadline },
    Variant(name: "**the desk's**") { _ in },
  ]

  static let settings: [Variant] =
    [5, 20, 1_000_000].map { turn in
      Variant(name: turn == 1_000_000 ? "no turn of the overdue" : "`overdue_turn` \(turn)") { $0.setOverdueTurn(turn) }
    }
    + [(0, 0, 0), (60, 30, 90), (180, 120, 300), (600, 300, 900), (1_200, 600, 1_800)].map { high, vip, keyAccount in
      Variant(name: "head starts \(high), \(vip), \(keyAccount) s") {
        $0.policy.headStarts = HeadStarts(high: .seconds(high), vip: .seconds(vip), keyAccount: .seconds(keyAccount))
      }
    }
}

extension Scenario {
  mutating func setOverdueTurn(_ turn: Int) {
    policy.queues = policy.queues.mapValues { queue in
      QueuePolicy(
        id: queue.id, teams: queue.teams, skills: queue.skills, offerTime: queue.offerTime,
        relaxation: queue.relaxation, dedicatedWait: queue.dedicatedWait, overdueTurn: turn, limit: queue.limit,
        overflow: queue.overflow)
    }
  }
}
