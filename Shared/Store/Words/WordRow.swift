import DeskCore
import PostgreSQL

/// A row with words, as it is stored.
struct WordRow: Sendable {
  /// The texts of a row that may be sealed, at most.
  static let cellsMost = 4
  /// Characters that contain the mark and the name of a key.
  static let headCharacters = 64

  let table: WordTable
  /// Up to three texts that name it; the first two or three are the cursor behind it.
  let names: [String]
  var stored: [String?]

  /// Before every row.
  static let first = ["00000000-0000-0000-0000-000000000000", "", ""]

  /// Where each text is stored; fewer than `stored` where a table has fewer. Nil for a row that names what is no identifier.
  var places: [WordPlace]? {
    switch table {
    case .messages:
      MessageID(names[0]).map { [.subject($0), .body($0), .attributes($0), .attachments($0)] }
    case .drafts:
      if let ticket = TicketID(names[0]), let kind = Draft.Kind(rawValue: names[2]) {
        [.draft(Draft.Place(ticket: ticket, agent: AgentID(names[1]), kind: kind))]
      } else {
        nil
      }
    case .consults: ConsultID(names[0]).map { [.question($0)] }
    case .tickets, .endedTickets: TicketID(names[0]).map { [.fields($0)] }
    case .deadLetters: TicketID(names[1]).map { [.fields($0)] }
    }
  }

  /// Whether a text is kept in a column of JSON.
  func isJSON(_ cell: Int) -> Bool {
    switch table {
    case .messages: cell >= 2
    case .drafts, .consults: false
    case .tickets, .endedTickets, .deadLetters: true
    }
  }

  /// The terms under which the search finds a message with these texts.
  func terms(of texts: [String?], areSealed: Bool) -> String? {
    guard table == .messages, let id = MessageID(names[0]), let ticket = TicketID(names[1]) else { return nil }
    var beginning = texts[1] ?? ""
    beginning.keepBeginning(SearchLimits.textCharacters)
    let message = UnindexedMessage(
      id: id, ticket: ticket, direction: names[2].isEmpty ? 2 : 1, author: names[2], subject: texts[0], body: beginning,
      attributes: texts[2], attachments: texts[3])
    return (areSealed ? message.namingTerms : message.terms).text
  }
}
