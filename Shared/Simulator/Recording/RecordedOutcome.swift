import DeskCore

extension RecordingReplay {
  /// What became of the replayed tickets in reality until the end of the stretch, as if it were a run; the error of expected waits, for
  /// example, is not known.
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
    let present = recording.agents.reduce(0) { $0 + $1.presentMilliseconds(in: 0...end) }
    let capacities = Dictionary(recording.agents.map { ($0.profile.id, $0.profile.capacity) }) { first, _ in first }
    let used = tickets.reduce(0.0) { $0 + $1.usedMilliseconds(of: capacities, until: end) }
    result.staffHours = Double(present) / 3_600_000
    result.occupancy = present > 0 ? used / Double(present) : 0
    result.finish()
    return result
  }

}

extension RecordedTicket {
  /// For how long it took how much of its agents' capacities.
  fileprivate func usedMilliseconds(of capacities: [AgentID: Int32], until end: Int64) -> Double {
    guard let weight = decision?.weight else { return 0 }
    return hands.reduce(0) { sum, hands in
      guard let capacity = capacities[hands.agent], capacity > 0 else { return sum }
      let last = hands.endedBy == nil ? end : hands.since + hands.handled + hands.pended
      let time = max(0, min(end, last) - max(0, hands.since))
      return sum + Double(time) * min(1, Double(TicketWeight.used(weight, of: capacity)) / Double(capacity))
    }
  }
}

extension Outcome {
  fileprivate mutating func note(_ ticket: RecordedTicket, until end: Int64) {
    arrived += 1
    let accepted = ticket.firstAccepted.flatMap { $0 <= end ? $0 : nil }
    let replied = ticket.firstReplied.flatMap { $0 <= end ? $0 : nil }
    let left = ticket.end.flatMap { $0.how == .abandoned && $0.at <= end ? $0.at : nil }
    if let accepted {
      answered += 1
      let waited = Double(max(0, accepted - ticket.opened)) / 1000
      waits.add(waited)
      if waited > Simulation.longestUndelayed { delayed += 1 }
    } else {
      delayed += 1
      if let left {
        abandoned += 1
        timeUntilAbandoned += Double(max(0, left - ticket.opened)) / 1000
      }
    }
    guard let due = ticket.firstDue else { return }
    // Without a reply it is late when the customer was lost after it was due, or when it is due and nobody has replied.
    let isLate = (replied ?? left ?? end) > due
    guard replied != nil || isLate else { return }
    decided += 1
    late += isLate ? 1 : 0
    if let replied { lateness.add(max(0, Double(replied - due) / 1000)) }
  }
}
