package import DeskCore
package import Store

extension SimulatedDatabase {
  /// As `AuditStore.balance`: the invariants of the whole database. Reads everything.
  package var balance: LedgerBalance {
    let arrived = messages.values.filter { $0.direction == 1 }.map(\.id)
    let keyed = Set(keys.values.map(\.message))
    let decisions = decisions
    let lost = arrived.filter { id in
      decisions[id] == nil && inbox[id] == nil
        && deadLetters[id.of(DeadLetter.self)].map { $0.letter.replayedAt != nil } ?? true
    }
    let wrongLoads = agents.all.filter { row in
      row.load != live.tickets(heldBy: row.agent).reduce(0) { $0 + $1.weight }
    }
    return LedgerBalance(
      messages: Int64(arrived.count), keys: Int64(keys.count),
      doubled: Int64(arrived.filter { !keyed.contains($0) }.count), lost: Int64(lost.count),
      decidedTwice: Int64(decisions.values.filter { $0 > 1 }.count), wrongLoads: Int64(wrongLoads.count))
  }

  /// How often each message was decided, by the timelines: once when correct.
  package var decisions: [MessageID: Int] {
    var times: [MessageID: Int] = [:]
    for event in timelines.values.joined() where Self.deciding.contains(event.entry.kind) {
      guard let message = event.entry.detail["message"]?.text.flatMap({ MessageID($0) }) else { continue }
      times[message, default: 0] += 1
    }
    return times
  }

  private static let deciding: Set<TimelineEntry.Kind> = [.queued, .triaged, .answered, .customerWrote, .rejected]
}
