import Administration
import DeskCore
import Store

/// Replays the dead letters of a set that someone has looked at, as `frontdesk dead-letters replay` does.
///
/// The set is the filter, which ends at the time when it was counted, and the digest of the identifiers. A dead letter that fails again
/// has a later time, so that it is not replayed twice; a repetition continues with those that are left.
struct ReplayWork: IntentWork {
  private let filter: DeadLetterFilter
  private let set: DeadLetterSet
  private let perSecond: Int
  private let store: DeskStore

  init?(_ parameters: JSONValue, _ store: DeskStore) {
    guard let count: Int64 = parameters.number("count"), let digest = parameters["digest"]?.text,
      let until = parameters.instant("until"), let perSecond: Int = parameters.number("per_second"),
      DeadLettersCommand.rates.contains(perSecond)
    else { return nil }
    var filter = DeadLetterFilter()
    filter.hook = parameters["hook"]?.text.map { HookID($0) }
    filter.kind = parameters["kind"]?.text
    filter.ticket = parameters["ticket"]?.text.flatMap { TicketID($0) }
    filter.since = parameters.instant("since")
    filter.until = until
    // A filter that this build cannot read would select more.
    guard (parameters["ticket"] == nil) == (filter.ticket == nil), (parameters["since"] == nil) == (filter.since == nil)
    else { return nil }
    (self.filter, self.perSecond, self.store) = (filter, perSecond, store)
    set = DeadLetterSet(count: count, digest: digest)
  }

  func check() async throws -> IntentCheck {
    let now = try await store.outbox.deadLetterSet(filter, most: IntentBounds.deadLettersPerReplay)
    guard now.count == set.count, now.digest.hasSameBytes(as: set.digest), set.count > 0 else {
      return .refused(
        IntentNote("set_changed", [.init("counted", .integer(set.count)), .init("found", .integer(now.count))]))
    }
    return .ready
  }

  func act(plan _: JSONValue, isRepeated _: Bool) async throws -> IntentNote {
    _ = try await DeadLetterReplay(filter: filter, perSecond: perSecond).run(on: store)
    let left = try await store.outbox.deadLetterCount(filter)
    return IntentNote(
      "replayed", [.init("count", .integer(max(0, set.count - left))), .init("left", .integer(left))])
  }
}
