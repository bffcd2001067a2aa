package import Simulator

/// What a seed comes to, for people: the plan, what was broken, and the trace, shrunk if anything was.
package struct FailureReport: Sendable {
  package let isBroken: Bool
  package let text: String

  /// Runs a seed, and shrinks it if it fails.
  package init(of seed: SimulationSeed, planted: PlantedBug? = nil) {
    let outcome = SimulatedRun(seed: seed, planted: planted).outcome()
    var parts = [Self.summary(of: outcome), Self.faults(of: outcome)]
    var shown = outcome
    if var shrinker = Shrinker(outcome, planted: planted) {
      parts.append("Broken:\n" + Self.lines(outcome.violations.map(\.description)))
      shrinker.shrink()
      shown = shrinker.smallest
      parts.append("The smallest run found that fails in the same way: " + Self.summary(of: shown))
      parts.append(Self.faults(of: shown))
      parts.append("Broken:\n" + Self.lines(shown.violations.map(\.description)))
    }
    parts.append("Trace, by seconds of virtual time:\n" + shown.trace.lines.map(\.description).joined(separator: "\n"))
    isBroken = !outcome.violations.isEmpty
    text = parts.joined(separator: "\n\n")
  }

  /// The command that shows a seed again.
  package static func command(for seed: SimulationSeed, planted: PlantedBug? = nil) -> String {
    "frontdesk simulate --replay \(seed)" + (planted.map { " --planted \($0.rawValue)" } ?? "")
  }

  private static func summary(of outcome: SimulatedRun.Outcome) -> String {
    let plan = outcome.plan
    let verdict =
      outcome.violations.isEmpty ? "every promise was kept" : "\(outcome.violations.count) promises were broken"
    return "Seed \(plan.seed): \(plan.processes.count) processes, \(plan.messages.count) messages, "
      + "\(plan.faults.count) faults, \(outcome.lasted.components.seconds) s of virtual time; \(verdict)."
  }

  private static func faults(of outcome: SimulatedRun.Outcome) -> String {
    "Faults:\n" + lines(outcome.plan.faults.map(\.description))
  }

  private static func lines(_ texts: [String]) -> String {
    texts.isEmpty ? "  none" : texts.map { "  \($0)" }.joined(separator: "\n")
  }
}
