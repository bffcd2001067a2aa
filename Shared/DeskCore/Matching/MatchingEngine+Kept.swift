// An engine that is kept from round to round: it follows the time, and tells positions in a queue.

extension MatchingEngine {
  /// Goes on to a later time: tickets whose demand or place changed in the meantime (a relaxation step, the end of the wait for the
  /// dedicated agent or of a pause, a breach) are placed anew. Agents who were offered a ticket are skipped until they are updated.
  public mutating func advance(to moment: Instant) {
    guard moment > now else { return }
    now = moment
    while let change = changes.first, change.at <= moment {
      guard let entry = entries[change.ticket] else {
        changes.remove(change)
        continue
      }
      let queue = groups[entry.group].queue
      remove(change.ticket)
      place(entry.ticket, in: queue)
    }
  }

  /// Whether another decision may be possible: whether something changed since an agent was last sought for every kind of ticket.
  public var mayMatch: Bool { !entries.isEmpty && !agentIndex.isEmpty && foundNothingAt != agentIndex.gains }

  /// The next time at which a ticket's demand or place changes; nil while none will.
  public var nextChangeAt: Instant? { changes.first?.at }

  /// The next time at which a ticket changes by itself.
  func nextChange(of ticket: WaitingTicket, _ demand: Demand, in queue: QueuePolicy) -> Instant? {
    var next: Instant?
    func consider(_ moment: Instant) {
      if moment > now, next.map({ moment < $0 }) ?? true { next = moment }
    }
    if demand.steps < queue.relaxation.count { consider(ticket.waitingSince + queue.relaxation[demand.steps].after) }
    if let due = ticket.dueAt { consider(due) }
    if demand.holdsForDedicated { consider(ticket.waitingSince + queue.dedicatedWait) }
    for pause in ticket.pauses { consider(pause.until) }
    return next
  }

  /// How many tickets wait in a queue.
  public func waiting(in queue: QueueID) -> Int { numberOfQueue[queue].map { countInQueue[$0] } ?? 0 }

  /// A waiting ticket's position in the order of its queue, from 1; nil when it does not wait.
  public func position(of ticket: TicketID) -> Int? {
    guard let entry = entries[ticket] else { return nil }
    let queue = groups[entry.group].queue
    return 1
      + groupOfDemand.values.reduce(0) { count, group in
        groups[group].queue == queue ? count + groups[group].places.count(before: entry.place) : count
      }
  }

  /// Since when the ticket at the head of a queue's order waits; nil while none waits.
  public func headWaitingSince(in queue: QueueID) -> Instant? {
    guard let number = numberOfQueue[queue] else { return nil }
    let firsts = groupOfDemand.values.lazy.filter { groups[$0].queue == number }.compactMap { groups[$0].places.first }
    return firsts.min().flatMap { entries[$0.ticket]?.ticket.waitingSince }
  }
}
