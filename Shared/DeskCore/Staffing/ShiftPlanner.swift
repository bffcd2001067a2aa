/// Fills shifts from a plan: takes the shift that covers most missing agents for its cost, again and again, until none is missing or
/// nobody is left; then looks for shifts that can go, or be replaced by cheaper ones, without anybody missing for it.
///
/// Covering a requirement exactly with the fewest hours is an integer programme (G. Dantzig, "A comment on Edie's 'Traffic delays at toll
/// booths'", 1954). This heuristic says beside its result what no roster can go below.
public struct ShiftPlanner: Sendable {
  private let grid: ShiftGrid
  private let staff: Int
  private var queues: [QueueCover]
  private var used = 0

  /// - Parameters:
  ///   - plan: of at most a week.
  ///   - rule: whose number of agents is required.
  ///   - isUpper: whether the number for the upper ends of the prediction intervals is.
  ///   - zone: in which the templates' starts are local times.
  ///   - staff: how many shifts there are people for, on all days together; nil for as many as needed.
  /// - Throws: `StaffingError` without templates, with too many, or for a plan of more than a week.
  public static func fill(
    _ plan: StaffingPlan, by rule: StaffingRule, isUpper: Bool = false, templates: [ShiftTemplate],
    in zone: ZoneOffsets, staff: Int? = nil
  ) throws(StaffingError) -> ShiftPlan {
    try StaffingError.check(Double(templates.count), .templates, in: 1...Double(StaffingBounds.templates))
    guard let first = plan.rows.map(\.period.start).min(),
      let end = plan.rows.map({ $0.period.start + $0.period.length }).max()
    else {
      return ShiftPlan(
        start: Instant(microseconds: 0), covers: [], shifts: [], shortfalls: [], requiredHours: 0, leastPaidHours: 0,
        paidHours: 0)
    }
    try StaffingError.check((end - first).inSeconds, .planLength, in: 0...StaffingBounds.planSeconds)
    let grid = ShiftGrid(from: first, to: end, templates: templates, zone: zone)
    var required: [QueueID: [Int]] = [:]
    for row in plan.rows {
      let agents = plan.assumptions.paidAgents(for: isUpper ? row[rule].agentsAtUpper : row[rule].agents)
      for slot in grid.slots(from: row.period.start, to: row.period.start + row.period.length) {
        required[row.period.queue, default: Array(repeating: 0, count: grid.count)][slot] = max(
          required[row.period.queue]?[slot] ?? 0, agents)
      }
    }
    var planner = ShiftPlanner(
      grid: grid, staff: min(staff ?? StaffingBounds.shifts, StaffingBounds.shifts),
      queues: required.sorted { $0.key < $1.key }.map { QueueCover(queue: $0.key, required: $0.value) })
    planner.cover()
    planner.improve()
    // What improvement saved may be missing elsewhere.
    planner.cover()
    return planner.result(plan)
  }

  private mutating func cover() {
    var best = queues.map { $0.best(on: grid) }
    while used < staff {
      var chosen: (queue: Int, choice: QueueCover.Choice)?
      for (queue, choice) in best.enumerated() {
        guard let choice else { continue }
        if let other = chosen, !choice.isBetter(than: other.choice) { continue }
        chosen = (queue, choice)
      }
      guard let (queue, choice) = chosen else { return }
      queues[queue].add(choice.placed)
      used += 1
      best[queue] = queues[queue].best(on: grid)
    }
  }

  private mutating func improve() {
    for queue in queues.indices {
      let before = queues[queue].placed.count
      for _ in 0..<StaffingBounds.improvementPasses {
        guard queues[queue].improve(on: grid) else { break }
      }
      used -= before - queues[queue].placed.count
    }
  }

  private func result(_ plan: StaffingPlan) -> ShiftPlan {
    let slotHours = Double(StaffingBounds.gridMinutes) / 60
    let required = queues.reduce(0) { $0 + $1.required.reduce(0, +) }
    let share = grid.templates.map { Double($0.workedMinutes) / Double($0.minutes) }.max() ?? 1
    var shortfalls: [ShiftPlan.Shortfall] = []
    for queue in queues {
      for gap in queue.gaps {
        let missing = gap.map { queue.required[$0] - queue.covered[$0] }
        let worst = gap.max { missing[$0 - gap.lowerBound] < missing[$1 - gap.lowerBound] } ?? gap.lowerBound
        let (abandoned, wait) = fluid(plan, queue, at: worst)
        shortfalls.append(
          ShiftPlan.Shortfall(
            queue: queue.queue, start: grid.instant(of: gap.lowerBound), end: grid.instant(of: gap.upperBound),
            agents: missing.max() ?? 0, hours: Double(missing.reduce(0, +)) * slotHours, abandonedShare: abandoned,
            waitSeconds: wait))
      }
    }
    return ShiftPlan(
      start: grid.instant(of: 0),
      covers: queues.map { .init(queue: $0.queue, required: $0.required, covered: $0.covered) },
      shifts: queues.flatMap { queue in queue.placed.map { grid.shift($0, queue: queue.queue) } }.sorted {
        ($0.start, $0.queue, $0.template) < ($1.start, $1.queue, $1.template)
      }, shortfalls: shortfalls, requiredHours: Double(required) * slotHours,
      leastPaidHours: Double(required) * slotHours / share,
      paidHours: Double(queues.reduce(0) { $0 + $1.placed.reduce(0) { $0 + $1.length } }) * slotHours)
  }

  private func fluid(
    _ plan: StaffingPlan, _ queue: QueueCover, at slot: Int
  ) -> (abandonedShare: Double, waitSeconds: Double) {
    let moment = grid.instant(of: slot)
    guard
      let row = plan.rows.first(where: {
        $0.period.queue == queue.queue && $0.period.start <= moment && moment < $0.period.start + $0.period.length
      })
    else { return (0, 0) }
    let places =
      Double(queue.covered[slot]) * (1 - plan.assumptions.shrinkage) * Double(plan.assumptions.ticketsPerAgent)
    let use = row.load.erlangs / places
    guard use > 1 else { return (0, 0) }
    guard row.load.patienceSeconds.isFinite else { return (0, .infinity) }
    return (
      FluidLimit.abandonedShare(use: use),
      FluidLimit.waitSeconds(use: use, patienceSeconds: row.load.patienceSeconds)
    )
  }
}
