import DeskCore
import Simulator

/// The same sale day with a flat reserve of a fifth and with the planner's numbers, for a small, a middle and a large team.
enum ReserveComparison {
  /// Loads of the busiest hours, in Erlangs.
  private static let teams = [25.0, 100, 400]

  /// - Parameter day: a day whose busiest hours have 100 Erlangs.
  static func run(_ day: Scenario, seeds: UInt64) throws {
    print(
      "\n| team, Erlangs in the peak | rule | agents in the peak | agent-hours | late | late in the worst half hour | occupancy |\n|---|---|---|---|---|---|---|"
    )
    for erlangs in teams {
      var day = day
      for period in day.arrivals[0].periods.indices { day.arrivals[0].periods[period].ratePerHour *= erlangs / 100 }
      let plan = try plan(for: day)
      for rule in [StaffingRule.flat, .erlangC, .squareRoot] {
        let numbers = plan.rows.map { $0[rule].agents }
        var scenario = day
        scenario.staff = staff(numbers, day)
        let runs = try (1...seeds).map { seed in
          var simulation = Simulation(scenario, seed: SimulationSeed(seed))
          return try simulation.run()
        }
        let hours = Double(numbers.reduce(0, +)) / 2
        let worst = Figures.percent(runs) { run in
          run.series.steps.indices.compactMap { run.series.shareLate($0) }.max() ?? 0
        }
        print(
          "| \(Int(erlangs)) | \(name(rule)) | \(numbers.max() ?? 0) | \(Int(hours)) | \(Figures.percent(runs) { $0.all.shareLate }) | \(worst) | \(Figures.percent(runs) { $0.occupancy }) |"
        )
      }
    }
  }

  private static func name(_ rule: StaffingRule) -> String {
    switch rule {
    case .flat: "flat 20 %"
    case .erlangC: "planner (Erlang C)"
    case .erlangA: "planner (Erlang A)"
    case .squareRoot: "square root"
    }
  }

  /// A plan by half hours for the expected arrivals.
  private static func plan(for day: Scenario) throws -> StaffingPlan {
    let periods = day.arrivals[0].periods
    let forecast = (0..<48).map { half in
      let after = Duration.seconds(1_800 * half)
      let rate = periods.last { $0.from <= after }?.ratePerHour ?? 0
      return ForecastPeriod(
        queue: "general", start: day.start + after, length: .seconds(1_800), expected: rate / 2,
        interval: 0...rate)
    }
    let work = try StaffingAssumptions.Work(handlingSeconds: day.handling[0].time.mean)
    return try StaffingPlan(
      forecast, StaffingAssumptions(target: ServiceTarget(share: 0.95, withinSeconds: 15), work: work))
  }

  /// As many agents in each half hour as the numbers say.
  private static func staff(_ numbers: [Int], _ day: Scenario) -> [StaffGroup] {
    (0..<(numbers.max() ?? 0)).map { number in
      let id = AgentID("agent-\(number)")
      var group = StaffGroup(
        name: id.rawValue,
        agents: [AgentProfile(id: id, teams: [], skills: [:], languages: [], capacity: 1)])
      group.presence = numbers.enumerated().map { half, wanted in
        StaffGroup.PresenceStep(after: .seconds(1_800 * half), isOnDuty: wanted > number)
      }
      return group
    }
  }
}
