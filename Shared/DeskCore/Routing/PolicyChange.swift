/// What a new policy would change for open tickets.
public struct PolicyChange: Hashable, Sendable {
  /// The kind of change.
  public enum Kind: Hashable, Sendable {
    /// Tickets follow a service level that is removed; they keep its targets. `renamed` is one with the same targets.
    case serviceLevelRemoved(String, renamed: String?)
    /// A service level counts in different hours.
    case hoursChanged(String)
    /// A service level has a different target at a priority. Open tickets keep theirs until their priority or label changes, or the next
    /// round of a next response begins.
    case timeChanged(String, ServiceLevelClocks.Name, Priority, from: Duration?, to: Duration?)
    /// A service level has different warnings or escalation steps.
    case ladderChanged(String)
    /// Waiting tickets have another head start. Nothing stored depends on it: the new order applies at once.
    case headStartsChanged(from: HeadStarts, to: HeadStarts)
    /// A queue is removed; tickets waiting in it are moved, those held by agents follow when they are returned.
    case queueRemoved(QueueID, movedTo: QueueID, waiting: Int)
    /// Waiting tickets require skills that no agent of their queue has any longer.
    case nobodyServes(QueueID, [SkillRequirement])
    /// An agent is removed; their tickets return to their queues.
    case agentRemoved(AgentID)
    /// A channel is removed: its reply hook and its reopen window no longer apply to its tickets.
    case channelRemoved(ChannelID)
  }

  /// A target whose due time changes.
  public struct Move: Hashable, Sendable {
    /// The ticket.
    public let ticket: TicketID
    /// The target.
    public let clock: ServiceLevelClocks.Name
    /// When it is due under the current policy.
    public let from: Instant
    /// When it is due under the new policy; nil when the new hours never reach it.
    public let to: Instant?
  }

  /// The kind of change.
  public let kind: Kind
  /// How many open tickets are affected.
  public let tickets: Int
  /// The changed due times, of the earliest and the latest one.
  public let moves: [Move]

  /// Describes a change.
  public init(_ kind: Kind, tickets: Int, moves: [Move] = []) {
    self.kind = kind
    self.tickets = tickets
    self.moves = moves
  }
}

// MARK: - Detection

extension PolicyChange {
  /// Compares two policies over the open work. Pure.
  ///
  /// - Parameters:
  ///   - old: the policy in force.
  ///   - new: the policy that is to replace it.
  ///   - work: the open tickets, grouped.
  /// - Returns: the changes, those of service levels first; empty if the new policy treats all tickets as before.
  public static func changes(from old: Policy, to new: Policy, on work: [OpenWork]) -> [PolicyChange] {
    var new = new
    new.keepServiceLevels(of: old)
    new.formerServiceLevels.merge(old.formerServiceLevels) { known, _ in known }
    return serviceLevels(old, new, work) + headStarts(old, new, work) + queues(old, new, work) + people(old, new, work)
  }

  private static func serviceLevels(_ old: Policy, _ new: Policy, _ work: [OpenWork]) -> [PolicyChange] {
    let followed = Dictionary(grouping: work.filter { $0.first.clocks.serviceLevel != nil }) {
      $0.first.clocks.serviceLevel ?? ""
    }
    return followed.sorted { $0.key < $1.key }.flatMap { name, groups -> [PolicyChange] in
      guard let before = old.serviceLevels.first(where: { $0.name == name }) else {
        // It was already removed; only its calendar can have changed.
        return hours(name, old, new, groups)
      }
      guard let after = new.serviceLevels.first(where: { $0.name == name }) else {
        let renamed = new.serviceLevels.first { new.serviceLevel($0) == old.serviceLevel(before) }
        let moves = groups.flatMap { dueMoves(of: $0, from: old, to: new) }
        return [
          PolicyChange(
            .serviceLevelRemoved(name, renamed: renamed?.name), tickets: groups.count(\.tickets),
            moves: outermost(moves))
        ]
      }
      return hours(name, old, new, groups) + times(before, after, groups) + ladder(before, after, old, new, groups)
    }
  }

  private static func hours(
    _ name: String, _ old: Policy, _ new: Policy, _ groups: [OpenWork]
  ) -> [PolicyChange] {
    guard old.serviceLevel(named: name).calendar != new.serviceLevel(named: name).calendar else { return [] }
    let moved = groups.map { ($0, dueMoves(of: $0, from: old, to: new)) }.filter { !$0.1.isEmpty }
    guard !moved.isEmpty else { return [] }
    return [
      PolicyChange(
        .hoursChanged(name), tickets: moved.map(\.0).count(\.tickets), moves: outermost(moved.flatMap(\.1)))
    ]
  }

  private static func dueMoves(of group: OpenWork, from old: Policy, to new: Policy) -> [Move] {
    [group.first, group.last].flatMap { ticket -> [Move] in
      let before = old.serviceLevel(named: ticket.clocks.serviceLevel).calendar
      let after = new.serviceLevel(named: ticket.clocks.serviceLevel).calendar
      return ServiceLevelClocks.Name.allCases.compactMap { name in
        let clock = ticket.clocks[name]
        // A breached target keeps its due time.
        guard clock.notifiedPercent < 100, let from = clock.due(in: before) else { return nil }
        let to = clock.due(in: after)
        return from == to ? nil : Move(ticket: ticket.id, clock: name, from: from, to: to)
      }
    }
  }

  /// The moves of the earliest and of the latest due time.
  private static func outermost(_ moves: [Move]) -> [Move] {
    let sorted = Set(moves).sorted { ($0.from, $0.ticket, $0.clock.rawValue) < ($1.from, $1.ticket, $1.clock.rawValue) }
    guard let first = sorted.first, let last = sorted.last else { return [] }
    return first == last ? [first] : [first, last]
  }

  private static func times(
    _ before: ServiceLevelPolicy, _ after: ServiceLevelPolicy, _ groups: [OpenWork]
  ) -> [PolicyChange] {
    ServiceLevelClocks.Name.allCases.flatMap { clock in
      Priority.allCases.compactMap { priority in
        let (from, to) = (before.times(clock)[priority], after.times(clock)[priority])
        let promised = groups.filter { $0.first.priority == priority }.count(\.tickets)
        guard from != to, promised > 0 else { return nil }
        return PolicyChange(.timeChanged(before.name, clock, priority, from: from, to: to), tickets: promised)
      }
    }
  }

  private static func ladder(
    _ before: ServiceLevelPolicy, _ after: ServiceLevelPolicy, _ old: Policy, _ new: Policy, _ groups: [OpenWork]
  ) -> [PolicyChange] {
    guard before.warningPercents != after.warningPercents || before.escalation != after.escalation else { return [] }
    return [PolicyChange(.ladderChanged(before.name), tickets: groups.count(\.tickets))]
  }

  /// Only of tickets with a target: the others are ordered without a head start.
  private static func headStarts(_ old: Policy, _ new: Policy, _ work: [OpenWork]) -> [PolicyChange] {
    let moved = work.filter { group in
      let ticket = group.first
      return ticket.state.waitsForAgent && ticket.clocks.nearestDueAt != nil
        && old.headStarts.start(of: ticket.priority, ticket.tier)
          != new.headStarts.start(of: ticket.priority, ticket.tier)
    }
    guard !moved.isEmpty else { return [] }
    return [
      PolicyChange(.headStartsChanged(from: old.headStarts, to: new.headStarts), tickets: moved.count(\.tickets))
    ]
  }

  private static func queues(_ old: Policy, _ new: Policy, _ work: [OpenWork]) -> [PolicyChange] {
    let grouped = Dictionary(grouping: work.filter { $0.first.queue != nil }) { $0.first.queue ?? "" }
    return grouped.sorted { $0.key < $1.key }.flatMap { id, groups -> [PolicyChange] in
      let waiting = groups.filter { $0.first.state.waitsForAgent }
      guard let queue = new.queues[id] else {
        guard old.queues[id] != nil else { return [] }
        let next = groups.allSatisfy(\.first.needsTriage) ? new.triageQueue : new.defaultQueue
        return [
          PolicyChange(
            .queueRemoved(id, movedTo: next, waiting: waiting.count(\.tickets)), tickets: groups.count(\.tickets))
        ]
      }
      let asked = Dictionary(grouping: waiting) { $0.first.skills }
      return asked.sorted { $0.value.count(\.tickets) > $1.value.count(\.tickets) }.compactMap { skills, alike in
        guard !new.hasAgent(for: skills, in: queue), old.queues[id].map({ old.hasAgent(for: skills, in: $0) }) ?? true
        else { return nil }
        return PolicyChange(.nobodyServes(id, skills), tickets: alike.count(\.tickets))
      }
    }
  }

  private static func people(_ old: Policy, _ new: Policy, _ work: [OpenWork]) -> [PolicyChange] {
    func gone<Subject>(
      _ of: (Ticket) -> Key<Subject>?, _ isKnown: (Policy, Key<Subject>) -> Bool,
      _ kind: (Key<Subject>) -> Kind
    ) -> [PolicyChange] {
      var counts: [Key<Subject>: Int] = [:]
      for group in work {
        guard let key = of(group.first), isKnown(old, key), !isKnown(new, key) else { continue }
        counts[key, default: 0] += group.tickets
      }
      return counts.sorted { $0.key < $1.key }.map { PolicyChange(kind($0.key), tickets: $0.value) }
    }
    return gone(\.capacityHolder, { $0.agents[$1] != nil }, { .agentRemoved($0) })
      + gone(\.channel, { $0.channels[$1] != nil }, { .channelRemoved($0) })
  }
}

extension Policy {
  /// Whether an agent meets a waiting ticket's requirements once all relaxation steps of its queue have passed.
  fileprivate func hasAgent(for skills: [SkillRequirement], in queue: QueuePolicy) -> Bool {
    let asked = AgentRequirements(skills, in: queue, after: queue.relaxation.count)
    return agents.values.contains { profile in
      (asked.teams.isEmpty || !asked.teams.isDisjoint(with: profile.teams)) && profile.masters(asked.skills)
    }
  }
}

extension Sequence {
  fileprivate func count(_ tickets: (Element) -> Int) -> Int { reduce(0) { $0 + tickets($1) } }
}

// MARK: - Descriptions

extension PolicyChange {
  /// The change on one line, for the operator about to make it: `12 open tickets: queue returns is removed; 7 waiting move to general`.
  public var text: String {
    "\(tickets) open ticket\(tickets == 1 ? "" : "s"): \(what)" + moves.map { "; \($0.text)" }.joined()
  }

  private var what: String {
    switch kind {
    case .serviceLevelRemoved(let name, let renamed):
      "service level “\(name)” is removed"
        + (renamed.map { ", and “\($0)” has the same targets" } ?? "") + "; they keep its targets"
    case .hoursChanged(let name): "service level “\(name)” counts in different hours"
    case .timeChanged(let name, let clock, let priority, let from, let to):
      "service level “\(name)” changes its target from \(from?.words ?? "none") to \(to?.words ?? "none") (\(clock.words), priority \(priority.name)); they keep the former target until their priority or label changes"
    case .ladderChanged(let name): "service level “\(name)” has different warnings or escalation steps"
    case .headStartsChanged(let from, let to):
      "head starts change, \(to.differences(from: from).listed(with: "and")); they wait, and are reordered at once"
    case .queueRemoved(let queue, let next, let waiting):
      "queue \(queue) is removed; \(waiting) waiting move to \(next)"
        + (tickets > waiting ? ", \(tickets - waiting) held by agents follow when they are returned" : "")
    case .nobodyServes(let queue, let skills):
      "they wait in queue \(queue) for "
        + (skills.isEmpty
          ? "a team that no longer has any agents"
          : "\(skills.map { "\($0.skill) at \($0.proficiency)" }.listed(with: "and")), which none of its agents has any longer")
    case .agentRemoved(let agent): "agent \(agent) is removed; they return to their queues"
    case .channelRemoved(let channel): "channel \(channel) is removed; replies to them no longer have a hook"
    }
  }
}

extension HeadStarts {
  /// Descriptions of the values that differ: `vip from 5 min to 20 min`.
  fileprivate func differences(from old: HeadStarts) -> [String] {
    [("high", old.high, high), ("vip", old.vip, vip), ("key_account", old.keyAccount, keyAccount)]
      .filter { $0.1 != $0.2 }.map { "\($0.0) from \($0.1.words) to \($0.2.words)" }
  }
}

extension Duration {
  /// The duration in its largest unit that divides it: `90 min`, `2 d`. Fractions of a second are dropped.
  var words: String {
    let seconds = components.seconds
    for (unit, length) in [("d", Int64(86_400)), ("h", 3_600), ("min", 60)] where seconds % length == 0 && seconds > 0 {
      return "\(seconds / length) \(unit)"
    }
    return "\(seconds) s"
  }
}

extension PolicyChange.Move {
  /// A description: `resolution due 2026-12-15T09:00:00Z moves to 2026-11-29T09:00:00Z`.
  public var text: String {
    let target = to.map { "moves to \(RFC3339.text($0))" } ?? "is never reached"
    return "\(clock.words) due \(RFC3339.text(from)) \(target)"
  }
}

extension ServiceLevelClocks.Name {
  var words: String {
    switch self {
    case .firstResponse: "first response"
    case .nextResponse: "next response"
    case .resolution: "resolution"
    }
  }
}
