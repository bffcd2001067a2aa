import DeskCore
import RealModule

/// A stream of arrivals on its way.
struct ArrivalState: Sendable {
  let periods: [ArrivalStream.Period]
  let together: Int
  let kinds: [Int]
  let cumulativeWeights: [Double]
  var random: SeededGenerator
  /// The period of the last arrival, and its time, in microseconds from the start.
  var period = 0
  var at: Int64 = 0

  init(_ stream: ArrivalStream, kinds all: [TicketKind], random: SeededGenerator) {
    periods = stream.periods
    together = stream.together
    kinds = stream.kinds.isEmpty ? Array(all.indices) : stream.kinds
    var total = 0.0
    var cumulative: [Double] = []
    for kind in kinds {
      total += all[kind].weight
      cumulative.append(total)
    }
    cumulativeWeights = cumulative
    self.random = random
    at = stream.periods.first?.from.wholeMicroseconds ?? 0
  }

  /// The next arrival, in microseconds from the start: one exponential draw of mean 1 is spent along the rates of the periods (inversion of
  /// the cumulative rate), so that another rate stretches the times and does not shift the draws.
  mutating func next() -> Int64? {
    var left = -Double.log(1 - random.unit())
    while period < periods.count {
      let rate = periods[period].ratePerHour / 3.6e9 / Double(max(1, together))
      let end = period + 1 < periods.count ? periods[period + 1].from.wholeMicroseconds : .max
      if rate > 0 {
        let room = Double(end - at) * rate
        if left <= room || end == .max {
          at += Int64(left / rate)
          return at
        }
        left -= room
      } else if end == .max {
        return nil
      }
      at = end
      period += 1
    }
    return nil
  }
}

extension Simulation {
  mutating func planArrival(by stream: Int) {
    guard let after = streams[stream].next() else { return }
    let moment = scenario.start + .microseconds(after)
    if moment < scenario.end { agenda.add(.arrival(stream: stream), at: moment) }
  }

  mutating func arrive(by stream: Int) {
    for _ in 0..<max(1, streams[stream].together) {
      let weights = streams[stream].cumulativeWeights
      let kind = streams[stream].kinds[streams[stream].random.choice(byCumulative: weights)]
      let draws = streams[stream].random.next()
      openTicket(kind: kind, tier: nil, random: SeededGenerator(seed: draws))
    }
    planArrival(by: stream)
  }

  mutating func arriveRecorded() {
    let recorded = scenario.recording[nextRecorded]
    var random = SeededGenerator(seed: seed.number ^ UInt64(nextRecorded))
    nextRecorded += 1
    openTicket(
      kind: recorded.kind, tier: recorded.tier, random: SeededGenerator(seed: random.next()),
      handling: recorded.handling, firstReply: recorded.firstReply, patience: recorded.patience)
    guard nextRecorded < scenario.recording.count else { return }
    let next = scenario.start + scenario.recording[nextRecorded].after
    if next < scenario.end { agenda.add(.recorded, at: max(now, next)) }
  }

  private mutating func openTicket(
    kind: Int, tier given: CustomerTier?, random generator: SeededGenerator, handling: Duration? = nil,
    firstReply: Duration? = nil, patience recordedPatience: Duration? = nil
  ) {
    var random = generator
    // Drawn in any case, so that a recorded ticket's other draws are those of any ticket.
    let drawn = draw(tierOf: kind, using: &random)
    let patience =
      recordedPatience.map { $0.wholeMicroseconds } ?? patience[kind].map { $0.microseconds(using: &random) }
    let tier = given ?? drawn
    let number = arrived
    arrived += 1
    open += 1
    let slot = freeSlots.last ?? tickets.count
    // The number comes first: where everything else is equal, the ticket that came first goes first.
    let id = TicketID(high: UInt64(number), low: UInt64(slot))
    let ticket = SimulatedTicket(
      number: number, kind: kind, tier: tier, openedAt: now, random: random, handling: handling, firstReply: firstReply,
      waiting: WaitingTicket(
        id: id, version: 1, priority: .normal, tier: tier, skills: [], weight: 1,
        language: scenario.kinds[kind].labels.language, waitingSince: now, dueAt: nil, refusedBy: [], lastAgent: nil),
      counts: isWarm)
    if slot == tickets.count {
      tickets.append(ticket)
    } else {
      freeSlots.removeLast()
      tickets[slot] = ticket
    }
    if isWarm { result.series.note(at: now) { $0.arrived += 1 } }
    if let patience { agenda.add(.gaveUp(slot: slot, ticket: number), at: now + .microseconds(patience)) }
    if scenario.routers == nil { decide(slot) } else { queueForRouting(slot) }
  }

  private func draw(tierOf kind: Int, using random: inout SeededGenerator) -> CustomerTier {
    let tiers = scenario.kinds[kind].tiers
    var left = random.unit() * tiers.values.reduce(0, +)
    for tier in CustomerTier.allCases {
      left -= tiers[tier] ?? 0
      if left < 0 { return tier }
    }
    return .standard
  }

  /// The policy decides about a ticket, which waits from then on.
  mutating func decide(_ slot: Int) {
    let ticket = tickets[slot]
    let full = fullQueues()
    guard
      let decision = decisions.decision(kind: ticket.kind, tier: ticket.tier, openedAt: ticket.openedAt, full: full)
    else { return leave(slot) }
    let due = decision.dueAt(openedAt: ticket.openedAt)
    tickets[slot].queue = decision.queue
    tickets[slot].priority = decision.priority
    tickets[slot].dueAt = due.firstResponse
    tickets[slot].phase = .waiting
    tickets[slot].waiting = WaitingTicket(
      id: ticket.waiting.id, version: 2, priority: decision.priority, tier: ticket.tier, skills: decision.skills,
      weight: decision.weight, language: ticket.waiting.language, waitingSince: ticket.openedAt, dueAt: due.nearest,
      refusedBy: [], lastAgent: nil)
    tally(slot) { $0.arrived += 1 }
    if ticket.counts {
      result.overflowed += decision.overflowed ? 1 : 0
      result.promisedCallBack += decision.promisesCallBack ? 1 : 0
    }
    if keepsLifecycles { _ = lifecycle(of: slot) }
    if decision.escalates, let due = due.firstResponse {
      agenda.add(.deadline(slot: slot, ticket: ticket.number), at: max(now, due))
    }
    tickets[slot].waitsSince = now
    wait(slot)
    estimate(slot)
  }

  private func fullQueues() -> Set<QueueID> {
    var full: Set<QueueID> = []
    for queue in queues {
      if let limit = queue.limit, engine.waiting(in: queue.id) >= limit { full.insert(queue.id) }
    }
    return full
  }

  /// Puts a ticket among those that wait.
  mutating func wait(_ slot: Int) {
    integrate()
    level.waiting += 1
    tickets[slot].phase = .waiting
    engine.advance(to: now)
    engine.add(scenario.order.presented(tickets[slot].waiting), to: queues[tickets[slot].queue].id)
    wantsRound = true
  }

  /// What is known when a ticket joins its queue, of some tickets: from it follows what the customer would be told to expect.
  private mutating func estimate(_ slot: Int) {
    guard now - lastEstimateAt >= SimulatorBounds.estimatePause, tickets[slot].counts else { return }
    let queue = tickets[slot].queue
    guard let position = engine.position(of: tickets[slot].waiting.id) else { return }
    lastEstimateAt = now
    tickets[slot].joined = QueueObservation(
      ahead: position - 1, pace: estimators[queue].pace(now: now), places: 0, handlingSeconds: 0, patienceSeconds: nil,
      headWaited: engine.headWaitingSince(in: queues[queue].id).map { (now - $0).inSeconds },
      lastWaited: lastWaits[queue])
  }

  /// A ticket has left the desk.
  mutating func leave(_ slot: Int) {
    tickets[slot].phase = .gone
    tickets[slot].serial = 0
    tickets[slot].number = -1
    lifecycles[slot] = nil
    freeSlots.append(slot)
    open -= 1
  }
}
