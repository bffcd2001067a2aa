public import DeskCore

/// A message that the search's index does not contain yet.
public struct UnindexedMessage: Sendable {
  /// The message.
  public let id: MessageID
  /// Its ticket.
  let ticket: TicketID
  /// 1 from the customer, 2 to the customer, 3 an internal note.
  let direction: Int16
  /// The customer's external id, or the agent who wrote it.
  let author: String
  let subject: String?
  /// The beginning of the text.
  let body: String
  /// A JSON object of strings.
  let attributes: String?
  /// A JSON list of file references.
  let attachments: String?

  /// The terms under which the message is found: its text and subject, the values of its attributes, the names of its files, and of a
  /// customer's message the customer's name and the ticket's sign. Replies and notes do not contain the name, so that of what is indexed
  /// only the customer's own messages name them. Sealed words have no terms, which would be the words again.
  public var terms: SearchTerms {
    var terms = namingTerms
    if let subject, !WordCodec.isMarked(subject) { terms.add(subject) }
    for value in values { terms.add(value) }
    if !WordCodec.isMarked(body) { terms.add(body) }
    return terms
  }

  /// The terms that name the customer and the ticket.
  var namingTerms: SearchTerms {
    var terms = SearchTerms()
    if direction == 1, !author.hasPrefix("erased:") {
      terms.add(name: author)
      terms.add(ticket: ticket)
    }
    return terms
  }

  private var values: [String] {
    var values: [String] = []
    if let attributes, case .object(let fields)? = JSONValue(json: attributes) {
      values += fields.prefix(SearchLimits.valuesPerMessage).compactMap { field in
        field.value.text ?? field.value.integer.map { String($0) }
      }
    }
    if let attachments, let files = JSONValue(json: attachments)?.list {
      values += files.prefix(SearchLimits.valuesPerMessage).compactMap { $0["name"]?.text }
    }
    return values
  }
}
