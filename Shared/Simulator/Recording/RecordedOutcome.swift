import DeskCore

extension RecordingReplay {
  /// What became of the replayed tickets in reality, as if it were a run; staff, occupancy and estimates are not known.
  public func recordedResult() -> SimulationResult {
    let stretch = recording.stretch
    var result = SimulationResult(
      seed: SimulationSeed(0), series: TimeSeries(start: stretch.from, step: .seconds(300)))
    let end = stretch.length.components.seconds * 1000
    for ticket in tickets where ticket.opened >= 0 {
      guard let priority = ticket.decision?.priority else { continue }
      result.all.note(ticket, until: end)
      result.classes[priority, default: Outcome()].note(ticket, until: end)
      result.tiers[ticket.tier, default: Outcome()].note(ticket, until: end)
    }
    result.finish()
    return result
  }
}

extension Outcome {
  fileprivate mutating func note(_ ticket: RecordedTicket, until end: Int64) {
    arrived += 1
    let waited = Double(ticket.waited(until: end)) / 1000
    if ticket.firstAccepted != nil {
      answered += 1
      waits.add(waited)
      if waited > Simulation.longestUndelayed { delayed += 1 }
    } else {
      delayed += 1
      if ticket.end?.how == .abandoned {
        abandoned += 1
        timeUntilAbandoned += waited
      }
    }
    guard let due = ticket.firstDue else { return }
    // Without a reply it is late when the customer was lost after it was due, or when nobody has replied in time yet.
    let replied = ticket.firstReplied
    let isLate = replied.map { $0 > due } ?? (ticket.isFirstLate || (ticket.end?.at ?? end) > due)
    guard replied != nil || isLate else { return }
    decided += 1
    late += isLate ? 1 : 0
    if let replied { lateness.add(max(0, Double(replied - due) / 1000)) }
  }
}
