import DeskCore

/// A range of identifiers, both ends included.
///
/// History is partitioned by the day of its identifiers. A statement with such a range among its parameters opens the days that the
/// range touches. Without one it opens every day that the desk has kept, 14 µs each, whatever it then reads: a desk that is a year old
/// would take longer for everything.
struct IdentifierSpan<Subject>: Hashable, Sendable {
  let first: Identifier<Subject>
  let last: Identifier<Subject>

  /// From the smallest to the largest of these; nil for none.
  init?(of ids: some Collection<Identifier<Subject>>) {
    guard let first = ids.min(), let last = ids.max() else { return nil }
    self.first = first
    self.last = last
  }

  /// Divides identifiers into groups that are a day long at most.
  static func days(of ids: some Collection<Identifier<Subject>>) -> [(ids: [Identifier<Subject>], span: Self)] {
    var groups: [[Identifier<Subject>]] = []
    for id in ids.sorted() {
      if let begin = groups.last?.first, id.instant - begin.instant < StoreBounds.partitionLength {
        groups[groups.count - 1].append(id)
      } else {
        groups.append([id])
      }
    }
    return groups.compactMap { group in Self(of: group).map { (group, $0) } }
  }
}

/// Where messages of tickets begin.
///
/// A message is not more than a day older than its ticket, whose identifier is made by the same clock. One that an operator or a router
/// moves to a younger ticket may be: `desk.older_message` names it, and `ConversationStore.parts` finds it.
enum MessageFloor {
  /// Below every message.
  static let none = MessageID(high: 0, low: 0)

  /// - Returns: an identifier below those of all messages of these tickets, except those named in `desk.older_message`.
  static func of(_ tickets: some Sequence<TicketID>) -> MessageID {
    guard let oldest = tickets.min() else { return none }
    let day = UInt64(StoreBounds.partitionLength / .milliseconds(1))
    let milliseconds = oldest.high >> 16
    return MessageID(high: (milliseconds > day ? milliseconds - day : 0) << 16, low: 0)
  }
}
