import CommandLineTool
import DeskCore
import DeskSupervisor
import Foundation
import Simulator
import Synchronization

/// Runs a scenario's variants with every seed, one run for each processor at a time. Ctrl-C ends it cleanly.
struct SimulationRuns: Sendable {
  let variants: [ScenarioFile.Variant]
  let seeds: Int

  private struct Job: Sendable {
    let variant: Int
    let seed: Int
  }

  /// The progress of all runs, in thousandths of a run, and when it was last shown.
  private final class Progress: Sendable {
    private let state = Mutex((thousandths: [Int: Int](), shownAt: ContinuousClock.now))
    private let runs: Int
    private let isShown = isatty(STDERR_FILENO) == 1

    init(runs: Int) {
      self.runs = runs
    }

    func note(_ job: Int, share: Double) {
      guard isShown else { return }
      let text: String? = state.withLock { state in
        state.thousandths[job] = Int(share * 1_000)
        guard ContinuousClock.now - state.shownAt > .milliseconds(200) else { return nil }
        state.shownAt = .now
        let percent = state.thousandths.values.reduce(0, +) / (10 * runs)
        return "\(percent) %"
      }
      // Back to the first column, and the rest of a longer line is cleared.
      if let text { Terminal.complain(TerminalText(ours: "\r\u{1B}[K") + TerminalText(text)) }
    }

    func end() {
      if isShown { Terminal.complain(TerminalText(ours: "\r\u{1B}[K")) }
    }
  }

  /// - Throws: `CommandFailure` when it was interrupted or a run cannot be finished.
  func run() async throws -> PolicyComparison {
    let jobs = variants.indices.flatMap { variant in (0..<seeds).map { Job(variant: variant, seed: $0) } }
    let stop = StopRequests()
    let progress = Progress(runs: jobs.count)
    defer { progress.end() }
    var figures: [[RunFigures?]] = variants.map { _ in Array(repeating: nil, count: seeds) }
    try await withThrowingTaskGroup(of: (Job, RunFigures).self) { group in
      var next = 0
      func start() {
        guard next < jobs.count else { return }
        let (number, job) = (next, jobs[next])
        next += 1
        group.addTask { (job, try run(job, number, stop, progress)) }
      }
      for _ in 0..<max(1, ProcessInfo.processInfo.activeProcessorCount) { start() }
      while let (job, result) = try await group.next() {
        figures[job.variant][job.seed] = result
        start()
      }
    }
    return PolicyComparison(
      variants.indices.map { .init(name: variants[$0].name, runs: figures[$0].compactMap(\.self)) })
  }

  private func run(_ job: Job, _ number: Int, _ stop: StopRequests, _ progress: Progress) throws -> RunFigures {
    let scenario = variants[job.variant].scenario
    let seed = SimulationSeed(scenario.seed.number &+ UInt64(job.seed))
    var simulation = Simulation(scenario, seed: seed)
    do {
      let result = try simulation.run { share in
        progress.note(number, share: share)
        return !stop.isRequested && !Task.isCancelled
      }
      progress.note(number, share: 1)
      return RunFigures(result)
    } catch {
      switch error {
      case .stopped: throw CommandFailure("the simulation was interrupted")
      case .tooManyOpenTickets(let after):
        throw CommandFailure(
          "after \(Int(after.inSeconds / 3_600)) h more than \(SimulatorBounds.openTickets) tickets are open",
          remedy: "give the scenario more agents, or customers with patience")
      }
    }
  }
}
