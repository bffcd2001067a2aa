import DeskCore
import Simulator
import Testing

@Suite("Simulation runs")
struct SimulationTests {
  /// A desk where everything happens: two queues, relaxation, an escalation ladder, agents who decline and let offers time out, shifts,
  /// impatient customers, router workers that die, and agents who drop out.
  private func busyDesk() -> Scenario {
    let (policy, agents) = QueueScenario.policy(
      agents: 24,
      rules: [
        Rule(name: "hard", condition: .oneOf(.category, ["hard"]), queue: "experts", priority: .high, skills: [])
      ],
      firstResponse: [.high: .seconds(120), .normal: .seconds(300)],
      escalation: [
        EscalationStep(after: .seconds(0), actions: [.raisePriority(to: .urgent)]),
        EscalationStep(after: .seconds(120), actions: [.anySkill]),
        EscalationStep(after: .seconds(240), actions: [.hand(to: "q")]),
      ], relaxation: [RelaxationStep(after: .seconds(60), easing: .proficiency(by: 3))])
    var group = StaffGroup(name: "day", agents: Array(agents.prefix(18)))
    group.behaviour.response = .exponential(mean: 8)
    group.behaviour.declines = 0.1
    group.behaviour.ignores = 0.05
    group.shifts = [.init(hours: [0..<180], breaks: [60..<75])]
    var late = StaffGroup(name: "late", agents: Array(agents.suffix(6)))
    late.shifts = [.init(hours: [90..<1_440])]
    late.pace = 1.5
    var scenario = Scenario(
      start: QueueScenario.start, length: .seconds(3 * 3_600), policy: policy,
      kinds: [QueueScenario.kind("easy", weight: 3), QueueScenario.kind("hard")],
      arrivals: [ArrivalStream(name: "all", periods: [.init(from: .zero, ratePerHour: 300)])],
      handling: [HandlingRule(time: .lognormal(mean: 200, variation: 0.8))], staff: [group, late])
    scenario.patience = [PatienceRule(time: .exponential(mean: 900))]
    scenario.routers = RouterFleet(workers: 2)
    scenario.faults = [
      SimulatedFault(.routers(2), after: .seconds(1_800), length: .seconds(120)),
      SimulatedFault(.agents(share: 0.3, of: "day"), after: .seconds(3_000), length: .seconds(600)),
    ]
    return scenario
  }

  private func figures(_ result: SimulationResult) -> [Double] {
    [
      Double(result.all.arrived), Double(result.all.answered), Double(result.all.abandoned), Double(result.all.late),
      result.all.waits.mean, result.all.lateness.largest, Double(result.offers), Double(result.refused),
      result.occupancy, result.staffHours, result.routing.mean, result.estimates[.position]?.biasSeconds ?? 0,
      Double(result.unfinished),
    ]
  }

  @Test("The same seed gives the same run; another seed another")
  func repeatable() throws {
    var runs: [[Double]] = []
    for seed in [7, 7, 8] as [UInt64] {
      var simulation = Simulation(busyDesk(), seed: SimulationSeed(seed))
      runs.append(figures(try simulation.run()))
    }
    #expect(runs[0] == runs[1])
    #expect(runs[0] != runs[2])
  }

  @Test(
    "A run in which every ticket is a ticket of the desk from the beginning gives the same as one that makes them where it matters"
  )
  func lifecycles() throws {
    var lazy = Simulation(busyDesk(), seed: SimulationSeed(3))
    var whole = Simulation(busyDesk(), seed: SimulationSeed(3), keepsLifecycles: true)
    let (first, second) = (try lazy.run(), try whole.run())
    #expect(figures(first) == figures(second))
    #expect(first.refused > 20, "offers were declined and timed out")
    #expect(first.all.late > 0)
  }

  @Test("Every ticket is answered, given up, or still there; nothing is lost")
  func nothingIsLost() throws {
    var simulation = Simulation(busyDesk(), seed: SimulationSeed(5))
    let result = try simulation.run()
    #expect(result.all.arrived > 500)
    #expect(result.all.answered + result.all.abandoned + result.unfinished == result.all.arrived)
    #expect(result.series.steps.reduce(0) { $0 + $1.arrived } == result.all.arrived)
  }

  @Test("Agents in a break or off duty get nothing, and the series shows who works")
  func shifts() throws {
    var simulation = Simulation(busyDesk(), seed: SimulationSeed(2))
    let series = try simulation.run().series
    #expect(series.staff(0) > 12, "the day group works from the beginning")
    #expect(series.staff(20) > 12 && series.staff(20) <= 24, "both groups work in the middle")
    #expect(abs(series.routers(6) - 1.2) < 0.01, "the router workers are dead from minute 30 to 32")
    #expect(series.routers(0) == 2)
  }

  @Test("A caller can end a run")
  func stops() {
    var simulation = Simulation(
      QueueScenario.queue(arrivalsPerMinute: 2_000, agents: 40, service: 0.01, minutes: 60, warmUp: 0))
    #expect(throws: SimulationFailure.stopped) { try simulation.run { _ in false } }
  }

  @Test("Distributions have the mean and the variation that they are given")
  func variates() {
    let variates: [(Variate, Double)] = [
      (.exponential(mean: 10), 1), (.lognormal(mean: 10, variation: 0.8), 0.8), (.gamma(mean: 10, variation: 1.5), 1.5),
      (.gamma(mean: 10, variation: 0.4), 0.4), (.constant(10), 0), (.empirical([5, 15]), 0.5),
    ]
    for (variate, variation) in variates {
      var random = SimulationSeed(1).generator(stream: 1)
      let draws = (0..<20_000).map { _ in variate.draw(using: &random) }
      let mean = draws.reduce(0, +) / Double(draws.count)
      let variance = draws.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(draws.count)
      #expect(abs(mean - variate.mean) < 0.3, "\(variate)")
      #expect(abs(variance.squareRoot() / mean - variation) < 0.06, "\(variate)")
    }
  }

  @Test("A variation too small for a number is none", arguments: [0, 1e-300, 1e-155, 1e-9])
  func smallVariation(variation: Double) {
    var random = SimulationSeed(1).generator(stream: 1)
    #expect(abs(Variate.gamma(mean: 10, variation: variation).draw(using: &random) - 10) < 1e-6)
  }
}

@Suite("Router workers that follow the load")
struct ElasticRoutersTests {
  @Test("The controller starts workers in a peak and takes them away after it; nothing is lost")
  func followsThePeak() throws {
    var scenario = QueueScenario.queue(arrivalsPerMinute: 60, agents: 400, service: 0.5, minutes: 30, warmUp: 0)
    scenario.arrivals[0].periods = [
      .init(from: .zero, ratePerHour: 1_800), .init(from: .seconds(300), ratePerHour: 18_000),
      .init(from: .seconds(600), ratePerHour: 1_800),
    ]
    scenario.drains = true
    scenario.step = .seconds(60)
    // A worker decides two tickets a second.
    var fleet = RouterFleet(workers: 1)
    fleet.batch = 8
    fleet.perBatch = .constant(0)
    fleet.perTicket = 0.5
    fleet.capacity = CapacitySettings(base: 1, limit: 8, coolDown: .seconds(120), stepPause: .seconds(15))
    scenario.routers = fleet
    var elastic = Simulation(scenario, seed: SimulationSeed(1))
    let result = try elastic.run()
    #expect(result.all.answered == result.all.arrived)
    #expect(result.series.routers(2) <= 2)
    #expect(result.series.routers(8) >= 3, "five tickets a second need three workers and some rest")
    #expect(result.series.routers(25) <= 2)
    scenario.routers?.capacity = nil
    var fixed = Simulation(scenario, seed: SimulationSeed(1))
    #expect(try fixed.run().routing.mean > 4 * result.routing.mean)
  }
}
