import DeskCore

// Agents: shifts, absences, and the tickets that they have.

extension Simulation {
  mutating func prepareAgents() {
    for (number, group) in scenario.staff.enumerated() {
      for profile in group.agents where numberOfAgent[profile.id] == nil {
        numberOfAgent[profile.id] = agents.count
        agents.append(
          StaffMember(
            profile: profile, group: number, idleSince: scenario.start,
            random: seed.generator(stream: UInt64(1_000_000 + agents.count))))
      }
    }
  }

  /// Tells the engine of an agent's status.
  mutating func update(_ agent: Int) {
    engine.upsert(agents[agent].status(isReserve: scenario.staff[agents[agent].group].isReserve))
    wantsRound = true
  }

  mutating func setLoad(of agent: Int, by weight: Int32, isGiven: Bool) {
    integrate()
    let before = agents[agent].level
    agents[agent].load += weight
    if isGiven { agents[agent].idleSince = now }
    change(level: before, to: agents[agent].level)
  }

  mutating func change(level before: (staff: Double, used: Double), to after: (staff: Double, used: Double)) {
    level.staff += after.staff - before.staff
    level.used += after.used - before.used
  }

  mutating func changeShift(of group: Int, _ number: Int) {
    let change = rosters[group].changes[number]
    set(onDuty: change.isOnDuty, group: group)
    guard number + 1 < rosters[group].changes.count else { return }
    agenda.add(
      .shift(group: group, change: number + 1), at: max(scenario.start, rosters[group].changes[number + 1].at))
  }

  /// Who ends a shift or takes a break finishes the tickets that they have, and gets no new ones.
  private mutating func set(onDuty: Bool, group: Int) {
    for agent in agents.indices where agents[agent].group == group && agents[agent].isOnDuty != onDuty {
      integrate()
      let before = agents[agent].level
      if onDuty { agents[agent].idleSince = now }
      agents[agent].isOnDuty = onDuty
      self.change(level: before, to: agents[agent].level)
      update(agent)
    }
  }

  mutating func comeBack(_ agent: Int) {
    integrate()
    let before = agents[agent].level
    agents[agent].isAway = false
    agents[agent].idleSince = now
    change(level: before, to: agents[agent].level)
    update(agent)
  }

  // MARK: Faults

  mutating func handleFault(_ number: Int, begins: Bool) {
    switch scenario.faults[number].subject {
    case .routers(let count):
      if begins { kill(routers: count) } else { revive(routers: count) }
    case .agents(let share, let group):
      dropAgents(share, of: group, fault: number, begins: begins)
    }
  }

  private mutating func dropAgents(_ share: Double, of group: String?, fault: Int, begins: Bool) {
    var random = seed.generator(stream: UInt64(2_000_000 + fault))
    for agent in agents.indices where group == nil || scenario.staff[agents[agent].group].name == group {
      // Drawn for each agent in the same order at the beginning and at the end: the same agents come back.
      guard random.unit() < share else { continue }
      integrate()
      let before = agents[agent].level
      agents[agent].isDropped = begins
      if !begins { agents[agent].idleSince = now }
      change(level: before, to: agents[agent].level)
      if begins { takeTickets(from: agent) }
      update(agent)
    }
  }

  /// The tickets of an agent who is gone go back to their queues.
  private mutating func takeTickets(from agent: Int) {
    let name = agents[agent].profile.id
    for slot in tickets.indices where tickets[slot].agent == agent {
      let phase = tickets[slot].phase
      guard phase == .offered || phase == .served else { continue }
      bringUpToOffer(slot)
      if phase == .served, lifecycle(of: slot).agent == nil {
        step(slot, .accepted(offerID(of: slot), by: name), at: tickets[slot].offeredAt)
      }
      if tickets[slot].isAnswered {
        step(slot, .replied(MessageID(high: 0, low: UInt64(slot)), by: name, awaitsCustomer: false), at: now)
      }
      step(slot, .agentLeft(name), at: now)
      tickets[slot].serial = 0
      tickets[slot].agent = -1
      setLoad(of: agent, by: -tickets[slot].waiting.weight, isGiven: false)
      refresh(slot)
      wait(slot)
    }
  }
}
