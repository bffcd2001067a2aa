public import DeskCore

/// Where a text that people wrote is stored. A sealed text is authenticated with its place, so it opens nowhere else: rows and columns that
/// were swapped are detected.
public enum WordPlace: Hashable, Sendable {
  /// The text of a message, reply, note or rating comment.
  case body(MessageID)
  /// Its subject line.
  case subject(MessageID)
  /// What the channel sent about it.
  case attributes(MessageID)
  /// Its references to files.
  case attachments(MessageID)
  /// A draft.
  case draft(Draft.Place)
  /// The question of a consult.
  case question(ConsultID)
  /// What a customer answered to the desk's questions.
  case fields(TicketID)

  /// The text that is authenticated. Agents' names contain no line feed, so two places never give the same one.
  public var name: String {
    switch self {
    case .body(let message): "message body\n\(message)"
    case .subject(let message): "message subject\n\(message)"
    case .attributes(let message): "message attributes\n\(message)"
    case .attachments(let message): "message attachments\n\(message)"
    case .draft(let place): "draft\n\(place.ticket)\n\(place.kind.rawValue)\n\(place.agent.rawValue)"
    case .question(let consult): "consult\n\(consult)"
    case .fields(let ticket): "ticket fields\n\(ticket)"
    }
  }
}
