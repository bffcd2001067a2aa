import DeskCore
import Store

/// Checks a finished run against what the desk promises.
enum RunChecker {
  /// What is not done yet, in words; empty when the desk is quiet.
  static func unfinished(_ world: World) -> [String] {
    let tables = world.database.tables
    var left: [String] = []
    let waiting = world.customers.waiting
    if !waiting.isEmpty { left.append("messages without an acknowledgement: \(waiting)") }
    let undecided = tables.undecidedMessages.count
    if undecided > 0 { left.append("undecided messages: \(undecided)") }
    let open = tables.live.rows.values.map(\.ticket).filter { $0.state != .resolved && $0.state != .answered }
      .sorted { $0.id < $1.id }
    if !open.isEmpty {
      left.append("open: " + open.map { "\(world.name(of: $0.id)) \($0.state.rawValue)" }.joined(separator: ", "))
    }
    let pending = tables.pendingDeliveries.count
    if pending > 0 { left.append("deliveries: \(pending)") }
    return left
  }

  /// - Parameter isDone: whether everything was done in time.
  static func check(_ world: World, isDone: Bool) -> [Violation] {
    var found = stored(world) + decisions(world) + ends(world) + leases(world) + deliveries(world)
    if !isDone {
      found.append(Violation(check: .liveness, text: unfinished(world).joined(separator: "; ")))
    }
    found += timelines(world)
    found += world.trace.lines.filter { $0.text.hasPrefix("BUG") }.map {
      Violation(check: .refusal, text: $0.description)
    }
    return found
  }

  /// I1.
  private static func stored(_ world: World) -> [Violation] {
    let messages = world.database.tables.messages
    let lost = Set(
      world.customers.lost + world.customers.acknowledged.filter { messages[$0.value.message] == nil }.map(\.key))
    return lost.sorted().map {
      Violation(check: .acknowledgedIsStored, text: "message \($0) was acknowledged, and PostgreSQL does not have it")
    }
  }

  /// I2.
  private static func decisions(_ world: World) -> [Violation] {
    struct Version: Hashable {
      let ticket: TicketID
      let version: Int32
    }
    var found: [Violation] = []
    var decided: Set<MessageID> = []
    var versions: Set<Version> = []
    for commit in world.database.commits {
      let step = commit.step
      for message in step.decides where !decided.insert(message).inserted {
        found.append(
          Violation(check: .oneDecision, text: "a message of \(world.name(of: step.ticket.id)) was decided twice"))
      }
      if !versions.insert(Version(ticket: step.ticket.id, version: step.ticket.version)).inserted {
        found.append(
          Violation(
            check: .oneDecision,
            text: "two steps made version \(step.ticket.version) of \(world.name(of: step.ticket.id))"))
      }
    }
    return found
  }

  /// I3.
  private static func ends(_ world: World) -> [Violation] {
    let tables = world.database.tables
    var decided = Set(world.database.commits.flatMap(\.step.decides))
    let buried = tables.deadLetters.values.map(\.letter)
    decided.formUnion(buried.filter { !$0.reason.isEmpty }.map { $0.id.of(Labels.self) })
    let left = tables.messages.values.filter {
      $0.direction == 1 && !decided.contains($0.id) && tables.inbox[$0.id] == nil
    }
    return left.map(\.id).sorted().map {
      Violation(
        check: .everyMessageEnds, text: "the accepted message \($0) is neither undecided nor decided nor a dead letter")
    }
  }

  /// I4.
  private static func leases(_ world: World) -> [Violation] {
    world.database.commits.filter { !$0.isFenceValid }.map { commit in
      Violation(
        check: .fencedWrites,
        text: "\(commit.node) wrote to \(world.name(of: commit.step.ticket.id)) under "
          + "\(commit.fence?.lease ?? "") in term \(commit.fence?.term ?? 0), which it had lost")
    }
  }

  /// I5.
  private static func deliveries(_ world: World) -> [Violation] {
    let tables = world.database.tables
    var found: [Violation] = []
    let buried = Set(tables.deadLetters.keys.map { $0.of(Notice.self) })
    // By ticket: the order in which replies to a customer were written.
    var written: [TicketID: [NoticeID]] = [:]
    for commit in world.database.commits {
      for notice in commit.step.notices {
        if notice.hook == SimulatedPolicy.replies, notice.kind == .messageReplied {
          written[notice.ticket, default: []].append(notice.id)
        }
        let isKept = world.endpoint.arrivals[notice.id] != nil || buried.contains(notice.id)
        if !isKept, tables.outbox[notice.id] == nil {
          found.append(
            Violation(
              check: .outsideEffects,
              text: "\(notice.kind.rawValue) of \(world.name(of: notice.ticket)) did not reach \(notice.hook)"))
        }
      }
    }
    for ticket in written.keys.sorted() where !world.plan.setsClockBack {
      let arrived = world.endpoint.received.filter {
        $0.ticket == ticket && $0.hook == SimulatedPolicy.replies && $0.kind == NoticeKind.messageReplied.rawValue
      }.map(\.id)
      let expected = (written[ticket] ?? []).filter { arrived.contains($0) }
      if arrived != expected {
        found.append(
          Violation(check: .outsideEffects, text: "the replies of \(world.name(of: ticket)) arrived in another order"))
      }
    }
    return found
  }

  /// The rules of the desk, checked on the timelines as they are stored.
  private static func timelines(_ world: World) -> [Violation] {
    var checker = RuleChecker(capacities: SimulatedPolicy.policy.agents.mapValues(\.capacity))
    let timelines = world.database.tables.timelines
    for ticket in timelines.keys.sorted() {
      for event in timelines[ticket] ?? [] {
        checker.take(
          TimelineFact(
            ticket: ticket, version: event.place.version, position: event.place.position,
            kind: event.entry.kind.rawValue, actor: event.entry.actor.text, at: event.at,
            detail: event.entry.detail.json))
      }
    }
    checker.finish()
    // These two compare the times of different tickets, which mean nothing where the clock was set in between.
    let comparing: Set<DeskRule> = [.capacity, .overtaking]
    return checker.breaches.filter { !world.plan.setsClock || !comparing.contains($0.rule) }.map {
      Violation(check: .timeline, text: "\($0.rule.rawValue): \(world.name(of: $0.ticket)): \($0.text)")
    }
  }
}
