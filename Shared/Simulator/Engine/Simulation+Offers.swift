import DeskCore

// Rounds of matching as the router makes them, and what agents do with the offers.

extension Simulation {
  /// Rounds follow wake-ups at once, but not sooner after one another than this (the router's `shortestMatchingPause`).
  static let shortestPause: Duration = .milliseconds(10)
  /// Changes that only time brings are seen this often (the router's `matchingPause`).
  static let pollPause: Int64 = 500_000
  /// Waits up to this long are the machine's own.
  static let longestUndelayed = 0.025

  mutating func round() {
    wantsRound = false
    if now < roundAllowedAt {
      guard !isRoundPlanned else { return }
      isRoundPlanned = true
      agenda.add(.matching, at: roundAllowedAt)
      return
    }
    // Offers are made by the routers.
    guard scenario.routers == nil || routing.running > 0 else { return }
    roundAllowedAt = now + Simulation.shortestPause
    engine.advance(to: now)
    while let match = engine.nextMatch() { offer(match) }
    if !touched.isEmpty {
      // Agents with capacity left can be offered another ticket in the next round.
      for agent in touched {
        engine.upsert(agents[agent].status(isReserve: scenario.staff[agents[agent].group].isReserve))
      }
      touched.removeAll(keepingCapacity: true)
      if !isRoundPlanned, engine.mayMatch {
        isRoundPlanned = true
        agenda.add(.matching, at: roundAllowedAt)
      }
    }
    planPoll()
  }

  /// Plans the poll that sees the next change by time.
  private mutating func planPoll() {
    guard let change = engine.nextChangeAt else { return }
    let steps = (change.microseconds + Simulation.pollPause - 1) / Simulation.pollPause
    let moment = Instant(microseconds: steps * Simulation.pollPause)
    if let pollAt, pollAt <= moment { return }
    pollAt = moment
    agenda.add(.polling, at: moment)
  }

  private mutating func offer(_ match: MatchingEngine.Match) {
    let slot = Int(match.ticket.id.low)
    guard let agent = numberOfAgent[match.agent] else { return }
    integrate()
    level.waiting -= 1
    let queue = tickets[slot].queue
    note(servedFrom: queue, slot)
    if tickets[slot].counts { result.offers += 1 }
    tickets[slot].phase = .offered
    tickets[slot].agent = agent
    tickets[slot].offeredAt = now
    setLoad(of: agent, by: match.ticket.weight, isGiven: true)
    touched.append(agent)
    if keepsLifecycles { step(slot, .offered(currentOffer(of: slot)), at: now) }
    respond(to: slot, by: agent)
  }

  /// What the agent does with the offer is drawn from the ticket's own generator.
  private mutating func respond(to slot: Int, by agent: Int) {
    let behaviour = scenario.staff[agents[agent].group].behaviour
    let offerTime = queues[tickets[slot].queue].offerTime
    let response: Int64
    if case .constant(let seconds) = behaviour.response {
      response = Int64(seconds * 1e6)
    } else {
      response = behaviour.response.microseconds(using: &tickets[slot].random)
    }
    let ignores = behaviour.ignores > 0 && tickets[slot].random.unit() < behaviour.ignores
    let declines = behaviour.declines > 0 && tickets[slot].random.unit() < behaviour.declines
    if response == 0, !ignores, !declines { return accept(slot) }
    if ignores || response >= offerTime.wholeMicroseconds {
      tickets[slot].serial = agenda.nextSerial()
      agenda.add(.expired(slot: slot, serial: tickets[slot].serial), at: now + offerTime)
    } else {
      tickets[slot].serial = agenda.nextSerial()
      agenda.add(
        .answered(slot: slot, serial: tickets[slot].serial, accepts: !declines), at: now + .microseconds(response))
    }
  }

  mutating func answerOffer(_ slot: Int, accepts: Bool) {
    if accepts { return accept(slot) }
    refuse(slot, .declined(offerID(of: slot), by: agents[tickets[slot].agent].profile.id))
  }

  mutating func expireOffer(_ slot: Int) {
    let agent = tickets[slot].agent
    refuse(slot, .offerTimedOut(offerID(of: slot)))
    // Who lets an offer time out is away until they say otherwise.
    integrate()
    let before = agents[agent].level
    agents[agent].isAway = true
    change(level: before, to: agents[agent].level)
    let absence = scenario.staff[agents[agent].group].behaviour.absence.microseconds(using: &agents[agent].random)
    agents[agent].absence = agenda.nextSerial()
    agenda.add(.back(agent: agent, serial: agents[agent].absence), at: now + .microseconds(absence))
    update(agent)
  }

  /// The offer did not lead to anything: the ticket's lifecycle says how it waits on.
  private mutating func refuse(_ slot: Int, _ event: TicketEvent) {
    if tickets[slot].counts { result.refused += 1 }
    let agent = tickets[slot].agent
    bringUpToOffer(slot)
    step(slot, event, at: now)
    tickets[slot].serial = 0
    tickets[slot].agent = -1
    setLoad(of: agent, by: -tickets[slot].waiting.weight, isGiven: false)
    update(agent)
    refresh(slot)
    wait(slot)
  }

  private mutating func accept(_ slot: Int) {
    let agent = tickets[slot].agent
    if keepsLifecycles { step(slot, .accepted(offerID(of: slot), by: agents[agent].profile.id), at: now) }
    tickets[slot].phase = .served
    let group = agents[agent].group
    let rule = handling[tickets[slot].kind][group]
    let drawn = rule.time.microseconds(using: &tickets[slot].random)
    let drawnReply = rule.firstReply.microseconds(using: &tickets[slot].random)
    let reply = tickets[slot].firstReply?.wholeMicroseconds ?? drawnReply
    if !tickets[slot].isAnswered { countAnswer(slot, at: now + .microseconds(reply)) }
    let other = max(0, agents[agent].load / max(1, tickets[slot].waiting.weight) - 1)
    let stretch = scenario.staff[group].pace * (1 + scenario.staff[group].slowdown * Double(other))
    let time = Int64(Double(tickets[slot].handling?.wholeMicroseconds ?? drawn) * stretch)
    tickets[slot].serial = agenda.nextSerial()
    agenda.add(.handled(slot: slot, serial: tickets[slot].serial), at: now + .microseconds(time))
  }

  private mutating func countAnswer(_ slot: Int, at reply: Instant) {
    tickets[slot].isAnswered = true
    let wait = (now - tickets[slot].openedAt).inSeconds
    let isDelayed = tickets[slot].isDelayed
    let lateness = tickets[slot].dueAt.map { max(0, (reply - $0).inSeconds) }
    tally(slot) { outcome in
      outcome.answered += 1
      outcome.waits.add(wait)
      if isDelayed { outcome.delayed += 1 }
      guard let lateness else { return }
      outcome.decided += 1
      outcome.lateness.add(lateness)
      if lateness > 0 { outcome.late += 1 }
    }
    guard tickets[slot].counts, let lateness else { return }
    result.series.note(at: now) { step in
      step.decided += 1
      step.late += lateness > 0 ? 1 : 0
    }
  }

  mutating func finishHandling(_ slot: Int) {
    let agent = tickets[slot].agent
    setLoad(of: agent, by: -tickets[slot].waiting.weight, isGiven: false)
    update(agent)
    leave(slot)
    wantsRound = true
  }

  mutating func giveUp(_ slot: Int) {
    switch tickets[slot].phase {
    case .served, .gone: return
    case .routing:
      tally(slot) { $0.arrived += 1 }
      withdrawFromRouting(slot)
    case .waiting:
      integrate()
      level.waiting -= 1
      engine.remove(tickets[slot].waiting.id)
    case .offered:
      let agent = tickets[slot].agent
      setLoad(of: agent, by: -tickets[slot].waiting.weight, isGiven: false)
      update(agent)
      wantsRound = true
    }
    if !tickets[slot].isAnswered { countAbandonment(slot) }
    leave(slot)
  }

  private mutating func countAbandonment(_ slot: Int) {
    let waited = (now - tickets[slot].openedAt).inSeconds
    let isLate = tickets[slot].dueAt.map { $0 < now } ?? false
    tally(slot) { outcome in
      outcome.abandoned += 1
      outcome.timeUntilAbandoned += waited
      outcome.delayed += 1
      outcome.decided += isLate ? 1 : 0
      outcome.late += isLate ? 1 : 0
    }
    guard tickets[slot].counts else { return }
    result.series.note(at: now) { step in
      step.abandoned += 1
      step.decided += isLate ? 1 : 0
      step.late += isLate ? 1 : 0
    }
  }

  /// Tells the queue's estimator that a ticket goes to an agent, and compares what was expected, if it did not find an agent at once.
  private mutating func note(servedFrom queue: Int, _ slot: Int) {
    _ = estimators[queue].served(CollectionOfOne(tickets[slot].waiting.id), now: now)
    let waited = (now - tickets[slot].waitsSince).inSeconds
    lastWaits[queue] = waited
    if waited > Simulation.longestUndelayed { tickets[slot].isDelayed = true }
    guard let joined = tickets[slot].joined else { return }
    tickets[slot].joined = nil
    guard tickets[slot].isDelayed else { return }
    for estimator in DelayEstimator.allCases {
      if let expected = estimator.seconds(joined) { estimateErrors[estimator, default: []].append(waited - expected) }
    }
  }
}
