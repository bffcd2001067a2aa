package import DeskCore
package import Store

extension SimulatedDatabase {
  /// As `TicketStore.commit`: steps with rows of other tables, those that end a ticket, first decisions and all others are statements of
  /// their own, in this order.
  package mutating func commit(_ steps: [TicketStep], fencedBy fence: Fence? = nil) -> Set<TicketID> {
    precondition(steps.count <= StoreBounds.stepsPerCommit, "the caller must limit the batch size")
    precondition(Set(steps.map(\.ticket.id)).count == steps.count, "a batch must not contain a ticket twice")
    var committed: Set<TicketID> = []
    for step in steps where step.hasAnnexes && commit(together: [step], fencedBy: fence) {
      committed.insert(step.ticket.id)
    }
    let plain = steps.filter { !$0.hasAnnexes }
    committed.formUnion(take(plain.filter(\.endsTicket), fence))
    committed.formUnion(take(plain.filter { $0.isFirstRouting && !$0.endsTicket }, fence))
    committed.formUnion(take(plain.filter { !$0.isFirstRouting && !$0.endsTicket }, fence))
    return committed
  }

  /// As `TicketStore.commit(together:)`: all of it or nothing.
  package mutating func commit(together steps: [TicketStep], fencedBy fence: Fence? = nil) -> Bool {
    precondition(Set(steps.map(\.ticket.id)).count == steps.count, "a batch must not contain a ticket twice")
    let steps = steps.filter { !$0.endsTicket } + steps.filter(\.endsTicket)
    guard fence.map(holds) ?? true else { return false }
    // Each step is a statement: it sees the loads after the ones before.
    var assigned: [AgentID: Int32] = [:]
    for step in steps {
      guard takesEffect(step), crowded(by: [step], with: assigned).isEmpty else { return false }
      for case .changeLoad(let agent, let change) in step.effects { assigned[agent, default: 0] += change }
    }
    let received = steps.map { previousTicket(of: $0.ticket.id) }
    for step in steps {
      for case .link(let link) in step.effects where link.kind == .mergedInto {
        leadGuests(of: step.ticket.id, to: link.other)
      }
    }
    for (step, previous) in zip(steps, received) { write(step, previous: previous) }
    return true
  }

  /// The steps of one statement that took effect.
  private mutating func take(_ steps: [TicketStep], _ fence: Fence?) -> [TicketID] {
    guard !steps.isEmpty, fence.map(holds) ?? true else { return [] }
    let crowded = crowded(by: steps)
    let effective = steps.filter { !crowded.contains($0.ticket.id) && takesEffect($0) }
    for step in effective { write(step, previous: previousTicket(of: step.ticket.id)) }
    return effective.map(\.ticket.id)
  }

  /// Whether the lease is still held, and in the same term, by the database's clock.
  private func holds(_ fence: Fence) -> Bool {
    guard let lease = leases[ExactString(fence.lease)] else { return false }
    return lease.holder == fence.holder && lease.term == fence.term && lease.expiresAt > now
  }

  private func takesEffect(_ step: TicketStep) -> Bool {
    guard let current = ticket(step.ticket.id), current.version == step.expectedVersion,
      current.customer.hasSameBytes(as: step.ticket.customer),
      step.decides.allSatisfy({ inbox[$0]?.ticket == step.ticket.id })
    else { return false }
    return !step.endsTicket || inbox.count(on: step.ticket.id) == step.decides.count
  }

  /// The tickets that an agent has no room for, and those behind them in the statement, which would overtake them.
  private func crowded(by steps: [TicketStep], with assigned: [AgentID: Int32] = [:]) -> Set<TicketID> {
    var before: [AgentID: Int32] = [:]
    var isFull = false
    var crowded: Set<TicketID> = []
    for step in steps {
      for case .changeLoad(let agent, let change) in step.effects where change > 0 {
        let taken = before[agent, default: 0]
        before[agent] = taken + change
        if let row = agents[agent], row.isPresent {
          let load = row.load + (assigned[agent] ?? 0) + taken
          if load > (change == TicketWeight.whole ? 0 : row.capacity - change) { isFull = true }
        } else {
          isFull = true
        }
        if isFull { crowded.insert(step.ticket.id) }
      }
    }
    return crowded
  }

  private func previousTicket(of ticket: TicketID) -> TicketID? {
    live[ticket]?.previous ?? openings[ticket]?.previous
  }
}

// MARK: - Effects of a step

extension SimulatedDatabase {
  private mutating func write(_ step: TicketStep, previous: TicketID?) {
    let id = step.ticket.id
    let ticket = withKnownGuest(step.ticket)
    for message in step.decides { inbox[message] = nil }
    if step.endsTicket {
      live[id] = nil
      closed[id] = (ticket, now)
      free(ticket)
    } else {
      let closesAt = (ticket.resolvedAt ?? ticket.answeredAt).map { $0 + step.reopenWindow }
      live[id] = TicketRow(ticket: ticket, closesAt: closesAt, previous: previous)
    }
    var position: Int16 = 0
    for effect in step.effects {
      switch effect {
      case .record(let entry):
        timelines[id, default: []].append(
          SimulatedEvent(
            place: TimelinePlace(version: ticket.version, position: position), entry: entry, at: step.at,
            traceparent: step.traceparent))
        position += 1
      case .changeLoad(let agent, let change): changeLoad(of: agent, by: change)
      case .setAway(let agent):
        if let row = agents[agent], row.isPresent { agents[agent] = row.with(presence: .away) }
      case .deadLetter(let reason):
        for message in step.decides.isEmpty ? [id.of(Labels.self)] : step.decides {
          add(letter: message.of(DeadLetter.self), kind: "message", of: id, reason: reason)
        }
      case .returned(let replies): dismiss(replies)
      default: break
      }
    }
    let trace = step.traceparent.flatMap { Traceparent.isSampled($0) ? $0 : nil }
    for notice in step.notices { outbox[notice.id] = Delivery(notice, at: now, traceparent: trace) }
    if let message = step.outgoing { add(message, of: step, ticket) }
  }

  /// A guest whom the ticket does not know is not stored.
  private func withKnownGuest(_ ticket: Ticket) -> Ticket {
    guard let guest = ticket.guest, guests[ticket.id]?.contains(guest) != true else { return ticket }
    return ticket.copy(guest: nil)
  }

  private mutating func changeLoad(of agent: AgentID, by change: Int32) {
    guard let row = agents[agent] else { return }
    agents[agent] = row.with(load: row.load + change, idleSince: change > 0 ? now : nil)
  }

  private mutating func add(_ message: OutgoingMessage, of step: TicketStep, _ ticket: Ticket) {
    let addressee = step.ticket.addressee
    let channel = message.isPublic ? addressee.channel : ticket.channel
    add(
      SimulatedMessage(
        id: message.id, ticket: ticket.id, direction: message.isPublic ? 2 : 3, channel: channel,
        author: message.author, addressee: message.isPublic ? step.ticket.guest?.customer : nil, subject: nil,
        body: message.body, attributes: nil, attachments: message.attachments, productLine: nil,
        traceparent: step.traceparent, at: now))
    guard message.isPublic else { return }
    replyTable.add(message.id, on: channel, to: addressee.customer, by: message.replyHook, at: now)
  }

  /// Nobody whose open ticket it was has one any more, except for those whose row points to another ticket by now.
  private mutating func free(_ ticket: Ticket) {
    for row in openings.leading(to: ticket.id) {
      openings.remove(row.ticket)
      guard ticket.state == .closed, !row.isFull else { continue }
      customers[row.owner, default: SimulatedCustomer()].lastTicket = row.leadsTo
    }
  }

  /// The customers of a merged ticket write on the other one from now on.
  private mutating func leadGuests(of ticket: TicketID, to target: TicketID) {
    let own = openings[target]?.owner
    for var row in openings.leading(to: ticket) {
      row.mergedInto = target
      openings.put(row)
      if row.owner != own { guests[target, default: []].insert(row.owner) }
    }
  }

  /// Raises the version of a ticket, without a step.
  mutating func raiseVersion(of ticket: TicketID) {
    guard let row = live[ticket] else { return }
    live[ticket] = TicketRow(
      ticket: row.ticket.copy(version: row.ticket.version + 1), closesAt: row.closesAt, previous: row.previous)
  }
}

extension Ticket {
  fileprivate func copy(version: Int32? = nil) -> Ticket { copy(version: version, guest: guest) }

  fileprivate func copy(version: Int32? = nil, guest: Correspondent?) -> Ticket {
    Ticket(
      id: id, version: version ?? self.version, phase: phase, channel: channel, customer: customer, tier: tier,
      openedAt: openedAt, queue: queue, priority: priority, skills: skills, weight: weight, needsTriage: needsTriage,
      labels: labels, refusedBy: refusedBy, lastAgent: lastAgent, clocks: clocks, reopenCount: reopenCount,
      policyVersion: policyVersion, guest: guest, pauses: pauses, conversation: conversation, progress: progress,
      callBack: callBack, fields: fields)
  }
}
