import DeskCore
import Store

/// A delivery that a hook has not accepted yet.
struct Delivery: Sendable {
  let notice: Notice
  let body: String
  let createdAt: Instant
  let traceparent: String?
  /// When it is tried next, or its claim ends.
  var nextAttemptAt: Instant
  var claimedBy: InstanceID?
  var attempts: Int16 = 0

  init(_ notice: Notice, at now: Instant, traceparent: String?) {
    self.notice = notice
    self.traceparent = traceparent
    body = notice.body.json
    createdAt = now
    nextAttemptAt = now
  }

  /// Whether it keeps its order within its ticket.
  var isOrdered: Bool { OutboxStore.orderedKinds.contains(notice.kind) }
  /// The reply that it carries to its channel.
  var reply: MessageID? {
    notice.kind == .messageReplied ? notice.body["message"]?.text.flatMap { MessageID($0) } : nil
  }
  var claimed: ClaimedNotice {
    ClaimedNotice(
      id: notice.id, hook: notice.hook, kind: notice.kind.rawValue, ticket: notice.ticket, body: body,
      createdAt: createdAt, attempts: attempts, traceparent: traceparent)
  }
}

/// The deliveries that hooks have not accepted yet, by when they are due.
struct OutboxTable: Sendable {
  /// A delivery at a time.
  struct Timed: Hashable, Comparable, Sendable {
    let at: Instant
    let id: NoticeID

    static func < (left: Self, right: Self) -> Bool { left.at != right.at ? left.at < right.at : left.id < right.id }
  }

  private struct Conversation: Hashable {
    let ticket: TicketID
    let hook: HookID
  }

  private(set) var rows: [NoticeID: Delivery] = [:]
  private var due: [HookID: SortedBuckets<Timed>] = [:]
  /// Deliveries that keep their order within a ticket, by when they were written.
  private var conversations: [Conversation: SortedBuckets<Timed>] = [:]
  /// Hooks that accept nothing now, and how often they have failed.
  var failures: [HookID: Int32] = [:]

  /// Hooks with deliveries, by name.
  var hooks: [HookID] { due.filter { !$0.value.isEmpty }.keys.sorted() }

  func due(of hook: HookID) -> SortedBuckets<Timed> { due[hook] ?? SortedBuckets() }

  /// Whether an earlier delivery of the same conversation waits.
  func isBehindAnother(_ delivery: Delivery) -> Bool {
    guard delivery.isOrdered else { return false }
    return conversations[Self.conversation(of: delivery)]?.first?.id != delivery.notice.id
  }

  subscript(_ id: NoticeID) -> Delivery? {
    get { rows[id] }
    set {
      if let old = rows[id] { index(old, isAdded: false) }
      rows[id] = newValue
      if let newValue { index(newValue, isAdded: true) }
    }
  }

  private static func conversation(of delivery: Delivery) -> Conversation {
    Conversation(ticket: delivery.notice.ticket, hook: delivery.notice.hook)
  }

  private mutating func index(_ row: Delivery, isAdded: Bool) {
    let (hook, id) = (row.notice.hook, row.notice.id)
    let timed = Timed(at: row.nextAttemptAt, id: id)
    if isAdded { due[hook, default: SortedBuckets()].insert(timed) } else { due[hook]?.remove(timed) }
    guard row.isOrdered else { return }
    let (key, written) = (Self.conversation(of: row), Timed(at: row.createdAt, id: id))
    if isAdded {
      conversations[key, default: SortedBuckets()].insert(written)
    } else {
      conversations[key]?.remove(written)
      if conversations[key]?.isEmpty == true { conversations[key] = nil }
    }
  }
}
