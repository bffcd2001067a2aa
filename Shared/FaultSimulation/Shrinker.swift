/// Makes a failing run smaller while it fails in the same way, by delta debugging (Zeller and Hildebrandt, "Simplifying and isolating
/// failure-inducing input", 2002): first the faults, then the messages, then the processes.
package struct Shrinker {
  private let planted: PlantedBug?
  private let check: Violation.Check
  private var runsLeft = FaultSimulationBounds.shrinkingRuns
  /// The smallest run so far that fails.
  package private(set) var smallest: SimulatedRun.Outcome

  /// - Parameter failure: a run with at least one violation; the first one counts.
  package init?(_ failure: SimulatedRun.Outcome, planted: PlantedBug?) {
    guard let first = failure.violations.first else { return nil }
    check = first.check
    smallest = failure
    self.planted = planted
  }

  package mutating func shrink() {
    reduce(\.faults)
    reduce(\.messages)
    reduce(\.processes)
    reduce(\.faults)
  }

  /// Takes away halves, quarters and so on, down to single elements.
  private mutating func reduce<Element>(_ part: WritableKeyPath<RunPlan, [Element]>) {
    var size = (smallest.plan[keyPath: part].count + 1) / 2
    while size > 0 {
      var start = 0
      var isSmaller = false
      while start < smallest.plan[keyPath: part].count, runsLeft > 0 {
        var plan = smallest.plan
        let end = min(start + size, plan[keyPath: part].count)
        plan[keyPath: part].removeSubrange(start..<end)
        if fails(plan) { isSmaller = true } else { start = end }
      }
      if size == 1, !isSmaller { return }
      size = size == 1 ? 1 : (size + 1) / 2
      if runsLeft == 0 { return }
    }
  }

  private mutating func fails(_ plan: RunPlan) -> Bool {
    guard plan.isWhole else { return false }
    runsLeft -= 1
    let outcome = SimulatedRun(plan, planted: planted).outcome()
    guard outcome.violations.contains(where: { $0.check == check }) else { return false }
    smallest = outcome
    return true
  }
}

extension RunPlan {
  /// Whether there is a process of every kind, and something to do.
  fileprivate var isWhole: Bool {
    !messages.isEmpty && Node.desk.allSatisfy { role in processes.contains { $0.role == role } }
  }
}
