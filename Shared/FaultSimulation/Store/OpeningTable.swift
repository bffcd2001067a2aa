import DeskCore

/// An open ticket as accepting knows it: whose it is, and where its messages go.
struct Opening: Sendable {
  let channel: ChannelID
  let customer: String
  var ticket: TicketID
  let tier: CustomerTier
  var openedAt: Instant
  var previous: TicketID?
  /// The live ticket that it was merged into.
  var mergedInto: TicketID?
  /// How many messages of its customer it has taken.
  var messages = 0
  /// Whether a continuation has its customer's name.
  var isFull = false

  var owner: Correspondent { Correspondent(customer, on: channel) }
  /// The ticket that its customer's messages go to.
  var leadsTo: TicketID { mergedInto ?? ticket }
}

/// Who has an open ticket: one for each customer and channel, except for full ones and those merged into others.
struct OpeningTable: Sendable {
  private var rows: [TicketID: Opening] = [:]
  private var byOwner: [Correspondent: TicketID] = [:]
  private var merged: [TicketID: [TicketID]] = [:]

  /// The row of a ticket, merged or not.
  subscript(_ ticket: TicketID) -> Opening? { rows[ticket] }

  /// The row of a ticket that is live.
  func live(_ ticket: TicketID) -> Opening? {
    guard let row = rows[ticket], row.mergedInto == nil else { return nil }
    return row
  }

  /// The row of a customer, unless their ticket is full.
  subscript(_ owner: Correspondent) -> Opening? { byOwner[owner].flatMap { rows[$0] } }

  /// The rows whose customers write on a ticket, its own first.
  func leading(to ticket: TicketID) -> [Opening] {
    ([ticket] + (merged[ticket] ?? [])).compactMap { rows[$0] }.filter { $0.leadsTo == ticket }
  }

  mutating func put(_ row: Opening) {
    remove(row.ticket)
    rows[row.ticket] = row
    if !row.isFull { byOwner[row.owner] = row.ticket }
    if let target = row.mergedInto { merged[target, default: []].append(row.ticket) }
  }

  mutating func remove(_ ticket: TicketID) {
    guard let row = rows.removeValue(forKey: ticket) else { return }
    if byOwner[row.owner] == ticket { byOwner[row.owner] = nil }
    if let target = row.mergedInto {
      merged[target]?.removeAll { $0 == ticket }
      if merged[target]?.isEmpty == true { merged[target] = nil }
    }
  }

  /// The open tickets, in the order of their identifiers.
  var all: [Opening] { rows.values.sorted { $0.ticket < $1.ticket } }
}
