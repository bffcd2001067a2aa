/// Decides who of the reserve is called, and who is sent back.
///
/// Never more are called than a queue needs, nor more than a step at once; those who have not been called for longest come first.
/// Sending back goes in reverse, once a queue has been calm for a time, and takes nobody's ticket away. What it must not forget stands in
/// the calls; it remembers only since when queues are calm, so that a new leader sends back later and calls nobody twice.
public struct ReserveCalling: Sendable {
  private var calmSince: [QueueID: Instant] = [:]

  /// Starts without memory.
  public init() {}

  /// Returns what changes now, in order.
  public mutating func decide(_ seen: ReserveSituation, now: Instant) -> [ReserveDecision] {
    let rule = seen.policy.life.reserveCalls
    let needs = Dictionary(
      uniqueKeysWithValues: seen.queues.map { ($0.id, rule.need(of: $0, now: now)) })
    var decisions: [ReserveDecision] = []
    var open: [ReserveCall] = []
    for call in seen.calls.values.filter(\.isOpen).sorted(by: { ($0.calledAt, $0.agent) < ($1.calledAt, $1.agent) }) {
      switch (seen.agents[call.agent]?.presence, call.acceptedAt) {
      case (.available, nil):
        decisions.append(.accepted(call))
        open.append(call)
      case (.available, _), (.reserve, nil): open.append(call)
      default: decisions.append(.end(call, .left))
      }
    }
    noteCalm(needs, calledTo: open, isOn: rule.isOn, now: now)
    if rule.isOn { decisions += calls(needs, seen, rule, now: now) }
    decisions += sendingBack(open, needs, seen, rule, now: now)
    return decisions
  }

  /// Only queues to which someone was called are remembered; one that the policy no longer has is calm.
  private mutating func noteCalm(
    _ needs: [QueueID: ReserveNeed], calledTo open: [ReserveCall], isOn: Bool, now: Instant
  ) {
    let queues = Set(open.map(\.queue))
    calmSince = calmSince.filter { queues.contains($0.key) }
    for queue in queues {
      calmSince[queue] = !isOn || needs[queue]?.isCalm ?? true ? calmSince[queue] ?? now : nil
    }
  }

  // MARK: Calling

  private func calls(
    _ needs: [QueueID: ReserveNeed], _ seen: ReserveSituation, _ rule: ReserveCallRule, now: Instant
  ) -> [ReserveDecision] {
    var taken: Set<AgentID> = []
    var decisions: [ReserveDecision] = []
    // The worst queue first: an agent who serves two is called to that one.
    for queue in seen.queues.sorted(by: { (needs[$1.id]?.late ?? 0, $0.id) < (needs[$0.id]?.late ?? 0, $1.id) }) {
      guard let need = needs[queue.id], need.missing > 0, let policy = seen.policy.queues[queue.id],
        !seen.calls.values.contains(where: { $0.queue == queue.id && now - $0.calledAt < rule.apart })
      else { continue }
      // Those called a moment ago to another queue help here too.
      let helping = taken.count { agent in seen.agents[agent].map { policy.isServed(by: $0.profile) } ?? false }
      let wanted = min(need.missing, ReserveCallRule.step(of: queue.working)) - helping
      let callable = seen.agents.values.filter { agent in
        !taken.contains(agent.profile.id) && agent.presence == .reserve && agent.load < agent.profile.capacity
          && policy.isServed(by: agent.profile) && mayBeCalled(seen.calls[agent.profile.id], now: now)
          && need.uncovered.contains { ticket in
            agent.profile.masters(ticket.skills) && agent.profile.speaks(ticket.language)
              && !ticket.refusedBy.contains(agent.profile.id)
          }
      }.sorted { first, second in
        func order(_ agent: AgentStatus) -> (Instant, Instant, AgentID) {
          (seen.calls[agent.profile.id]?.calledAt ?? .earliest, agent.idleSince, agent.profile.id)
        }
        return order(first) < order(second)
      }
      for agent in callable.prefix(max(0, wanted)) {
        taken.insert(agent.profile.id)
        let team = agent.profile.teams.intersection(policy.teams).min()
        decisions.append(.call(agent.profile.id, team: team, to: need))
      }
    }
    return decisions
  }

  private func mayBeCalled(_ last: ReserveCall?, now: Instant) -> Bool {
    guard let last else { return true }
    guard let ended = last.endedAt else { return false }
    return now - ended >= ReserveCallRule.rest
  }

  // MARK: Sending back

  private func sendingBack(
    _ open: [ReserveCall], _ needs: [QueueID: ReserveNeed], _ seen: ReserveSituation, _ rule: ReserveCallRule,
    now: Instant
  ) -> [ReserveDecision] {
    var decisions: [ReserveDecision] = []
    for (queue, calls) in Dictionary(grouping: open, by: \.queue).sorted(by: { $0.key < $1.key }) {
      guard let since = calmSince[queue], now - since >= rule.quiet || !rule.isOn else { continue }
      let moved = seen.calls.values.filter { $0.queue == queue }.map { max($0.calledAt, $0.endedAt ?? $0.calledAt) }
        .max()
      if rule.isOn, let moved, now - moved < rule.apart { continue }
      let ready = calls.reversed().filter { call in
        guard let agent = seen.agents[call.agent] else { return false }
        return agent.load == 0 && (!rule.isOn || !isNeeded(agent, needs, seen))
      }
      for call in ready.prefix(ReserveCallRule.step(of: calls.count)) {
        let hasCome = seen.agents[call.agent]?.presence == .available
        decisions.append(.end(call, hasCome ? .released : .withdrawn))
      }
    }
    return decisions
  }

  /// Whether a queue that the agent serves is not calm.
  private func isNeeded(_ agent: AgentStatus, _ needs: [QueueID: ReserveNeed], _ seen: ReserveSituation) -> Bool {
    seen.policy.queues.values.contains { $0.isServed(by: agent.profile) && needs[$0.id]?.isCalm == false }
  }
}
