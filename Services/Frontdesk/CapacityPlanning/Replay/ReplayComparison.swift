import DeskCore
import Simulator

/// A recording and its replays: what happened, how well the simulator reproduces it under the same policy, and what would have changed.
struct ReplayComparison {
  /// One line of the comparison.
  struct Line {
    /// What is tried; nil for the recorded outcome.
    let name: String
    /// One figure for each seed; one for the recorded outcome.
    let runs: [Figures]
  }

  /// The figures of one run.
  struct Figures {
    let tickets: Double
    let late: Double
    /// By priority class, urgent first.
    let lateByClass: [Double]
    let waitMedian: Double
    let wait90: Double
    let abandoned: Double

    init(_ all: Outcome, _ classes: [Priority: Outcome]) {
      tickets = Double(all.arrived)
      late = all.shareLate
      lateByClass = Priority.allCases.map { classes[$0]?.shareLate ?? 0 }
      waitMedian = all.waits.quantile(0.5)
      wait90 = all.waits.quantile(0.9)
      abandoned = all.shareAbandoned
    }
  }

  let recorded: Line
  let reproduced: Line
  /// What was tried; each is compared with `reproduced`, seed by seed, so that what the simulator gets wrong about both does not count.
  let changed: [Line]
  let omitted: RecordingReplay.Omitted
  let carriedOver: Int

  /// Runs the replays.
  /// - Parameters:
  ///   - policies: those to try, by the names that are shown; none tries the recorded one.
  ///   - report: called with the name of each run.
  /// - Throws: `SimulationFailure`.
  init(
    _ replay: RecordingReplay, recordedUnder policy: Policy, policies: [(name: String, policy: Policy)], routers: Int?,
    staffing: [StaffingChange], seeds: Int, report: (String) -> Void
  ) throws {
    func line(_ name: String, _ scenario: Scenario) throws -> Line {
      report(name)
      return Line(
        name: name,
        runs: try (1...UInt64(seeds)).map { seed in
          var simulation = Simulation(scenario, seed: SimulationSeed(seed))
          let result = try simulation.run()
          return Figures(result.all, result.classes)
        })
    }
    let outcome = RecordedOutcome(of: replay)
    recorded = Line(name: "recorded", runs: [Figures(outcome.all, outcome.classes)])
    reproduced = try line("same policy, simulated", replay.scenario(under: policy, recordedUnder: policy))
    let isChanged = routers != nil || !staffing.isEmpty
    let tried = policies.isEmpty && isChanged ? [("with the changes", policy)] : policies
    changed = try tried.map { name, tried in
      try line(
        name, replay.scenario(under: tried, recordedUnder: policy, routers: routers, staffing: staffing))
    }
    omitted = replay.omitted
    carriedOver = replay.carriedOver
  }
}

extension ReplayComparison.Line {
  /// The mean and the interval of a figure.
  func interval(_ figure: (ReplayComparison.Figures) -> Double) -> ConfidenceInterval {
    ConfidenceInterval(runs.map(figure))
  }

  /// The difference to another line, seed by seed.
  func difference(
    to other: ReplayComparison.Line, _ figure: (ReplayComparison.Figures) -> Double
  ) -> ConfidenceInterval {
    ConfidenceInterval(zip(runs, other.runs).map { figure($0) - figure($1) })
  }
}
