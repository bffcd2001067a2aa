import DeskCore
import PostgreSQL

extension CommitStatement {
  /// The parts that these steps need.
  static func parts(for steps: [TicketStep], fence: Fence?) -> Parts {
    var parts: Parts = []
    if fence != nil { parts.insert(.fence) }
    if steps.allSatisfy(\.isFirstRouting) { parts.insert(.firstRouting) }
    for step in steps {
      if !step.decides.isEmpty { parts.insert(.decides) }
      if !step.notices.isEmpty { parts.insert(.notices) }
      if step.outgoing != nil { parts.insert(.outgoing) }
      if step.ticket.progress != ProgressState() { parts.insert(.progress) }
      for effect in step.effects {
        switch effect {
        case .changeLoad, .setAway: parts.insert(.loads)
        case .archive: parts.insert(.archive)
        default: break
        }
      }
    }
    return parts
  }

  /// The values, in the order in which `text` numbers them.
  func parameters(for steps: [TicketStep], fence: Fence?) -> [any PostgresEncodable] {
    var values: [any PostgresEncodable] = [
      steps.map(\.ticket.id), steps.map(\.expectedVersion), steps.map { Int32($0.decides.count) },
      steps.map(\.ticket.customer),
    ]
    values += columns.map { $0.values(steps) }
    let events = EventColumns(steps)
    values += [
      events.tickets, events.versions, events.positions, events.kinds, events.actors, events.moments, events.details,
      events.traces,
    ]
    if parts.contains(.decides) {
      values.append(steps.flatMap(\.decides))
      values.append(steps.flatMap { step in step.decides.map { _ in step.ticket.id } })
    }
    if parts.contains(.loads) {
      let loads = LoadColumns(steps)
      values += [loads.tickets, loads.agents, loads.changes, loads.away]
    }
    if let fence, parts.contains(.fence) {
      values += [fence.lease, fence.holder, fence.term]
    }
    if parts.contains(.archive) { values.append(MessageFloor.of(steps.map(\.ticket.id))) }
    if parts.contains(.notices) {
      values += CommitStatement.notices(of: steps)
    }
    if parts.contains(.outgoing) {
      let written = steps.filter { $0.outgoing != nil }
      let messages = written.compactMap(\.outgoing)
      values += [
        messages.map(\.id), written.map(\.ticket.id), messages.map { Int16($0.isPublic ? 2 : 3) },
        written.map { $0.outgoing?.isPublic == true ? $0.ticket.addressee.channel : $0.ticket.channel },
        written.map { $0.outgoing?.isPublic == true ? $0.ticket.guest?.customer : nil },
        messages.map(\.author), messages.map(\.body),
        messages.map { message in message.attachments.map { PostgresJSON($0) } }, written.map(\.traceparent),
        written.map { $0.outgoing?.replyHook },
      ]
    }
    if parts.contains(.archive) {
      let letters = DeadLetterColumns(steps)
      values += [letters.messages, letters.tickets, letters.reasons]
    }
    return values
  }
}

extension CommitStatement {
  /// The values of `outboxDue`.
  static func notices(of steps: [TicketStep]) -> [any PostgresEncodable] {
    let notices = steps.flatMap(\.notices)
    return [
      notices.map(\.id), notices.map(\.hook), notices.map(\.kind.rawValue), notices.map(\.ticket),
      notices.map(\.body.json),
      // Only contexts that something reads: most traces are not recorded.
      steps.flatMap { step in
        let traceparent = step.traceparent.flatMap { Traceparent.isSampled($0) ? $0 : nil }
        return step.notices.map { _ in traceparent }
      },
    ]
  }
}

/// The timeline entries of some steps, column by column.
struct EventColumns {
  var tickets: [TicketID] = []
  var versions: [Int32] = []
  var positions: [Int16] = []
  var kinds: [String] = []
  var actors: [String] = []
  var moments: [Instant] = []
  var details: [PostgresJSON] = []
  var traces: [String?] = []

  init(_ steps: [TicketStep]) {
    for step in steps {
      var position: Int16 = 0
      for case .record(let entry) in step.effects {
        tickets.append(step.ticket.id)
        versions.append(step.ticket.version)
        positions.append(position)
        kinds.append(entry.kind.rawValue)
        actors.append(entry.actor.text)
        moments.append(step.at)
        details.append(PostgresJSON(entry.json))
        traces.append(step.traceparent)
        position += 1
      }
    }
  }
}

/// The changes of load of some steps, column by column.
private struct LoadColumns {
  var tickets: [TicketID] = []
  var agents: [AgentID] = []
  var changes: [Int32] = []
  var away: [Bool] = []

  init(_ steps: [TicketStep]) {
    for step in steps {
      for effect in step.effects {
        switch effect {
        case .changeLoad(let agent, let change): append(step.ticket.id, agent, change, false)
        case .setAway(let agent): append(step.ticket.id, agent, 0, true)
        default: break
        }
      }
    }
  }

  private mutating func append(_ ticket: TicketID, _ agent: AgentID, _ change: Int32, _ isAway: Bool) {
    tickets.append(ticket)
    agents.append(agent)
    changes.append(change)
    away.append(isAway)
  }
}

/// The dead letters of some steps, column by column: one for each message of a rejected ticket, or one under the
/// ticket's own identifier when it has none.
private struct DeadLetterColumns {
  var messages: [MessageID] = []
  var tickets: [TicketID] = []
  var reasons: [String] = []

  init(_ steps: [TicketStep]) {
    for step in steps {
      for case .deadLetter(let reason) in step.effects {
        for message in step.decides.isEmpty ? [step.ticket.id.of(Labels.self)] : step.decides {
          messages.append(message)
          tickets.append(step.ticket.id)
          reasons.append(reason)
        }
      }
    }
  }
}
