import DeskCore
import Store

/// An undecided message: the claim to decide it.
struct InboxRow: Sendable {
  let message: MessageID
  var ticket: TicketID
  var owner: InstanceID?
  var opensTicket: Bool
  let acceptedAt: Instant
  var claimedUntil: Instant?
  var attempts: Int16 = 0
  var labels: Labels?
  var suggestions: [ArticleSuggestion] = []
  var guesses: [LabelGuess] = []
}

/// The undecided messages, by identifier and by ticket.
struct InboxTable: Sendable {
  private(set) var rows: [MessageID: InboxRow] = [:]
  private var unlabelled = SortedBuckets<MessageID>()
  private var labelled = SortedBuckets<MessageID>()
  /// Those that have failed `StoreBounds.attemptsBeforeAlone` times.
  private(set) var retried = SortedBuckets<MessageID>()
  private var perTicket: [TicketID: Int] = [:]

  /// How many are undecided.
  var count: Int { rows.count }
  /// All of them, oldest first.
  var all: [InboxRow] { (Array(unlabelled) + Array(labelled)).sorted().compactMap { rows[$0] } }

  /// Those with or without labels, in the order of their age.
  func order(labelled isLabelled: Bool) -> SortedBuckets<MessageID> { isLabelled ? labelled : unlabelled }

  /// How many are undecided on a ticket.
  func count(on ticket: TicketID) -> Int { perTicket[ticket] ?? 0 }

  subscript(_ message: MessageID) -> InboxRow? {
    get { rows[message] }
    set {
      if let old = rows[message] { remove(old) }
      rows[message] = newValue
      if let newValue { add(newValue) }
    }
  }

  private mutating func add(_ row: InboxRow) {
    if row.labels == nil { unlabelled.insert(row.message) } else { labelled.insert(row.message) }
    if row.attempts >= StoreBounds.attemptsBeforeAlone { retried.insert(row.message) }
    perTicket[row.ticket, default: 0] += 1
  }

  private mutating func remove(_ row: InboxRow) {
    if row.labels == nil { unlabelled.remove(row.message) } else { labelled.remove(row.message) }
    if row.attempts >= StoreBounds.attemptsBeforeAlone { retried.remove(row.message) }
    let left = count(on: row.ticket) - 1
    perTicket[row.ticket] = left == 0 ? nil : left
  }
}
