import DeskCore
import Foundation

/// One timeline entry as the audit reads it, without any interpretation.
struct TimelineFact: Sendable {
  let ticket: TicketID
  let version: Int32
  let position: Int16
  let kind: String
  let actor: String
  let at: Instant
  private let fields: [String: Field]

  /// - Parameter detail: a JSON object; fields other than texts, numbers, objects and lists of texts are ignored.
  init(
    ticket: TicketID, version: Int32, position: Int16, kind: String, actor: String, at: Instant, detail: String
  ) {
    self.ticket = ticket
    self.version = version
    self.position = position
    self.kind = kind
    self.actor = actor
    self.at = at
    fields = (try? JSONDecoder().decode([String: Field].self, from: Data(detail.utf8))) ?? [:]
  }

  func text(_ name: String) -> String? {
    if case .text(let text)? = fields[name] { text } else { nil }
  }

  func number(_ name: String) -> Int64? {
    if case .number(let number)? = fields[name] { number } else { nil }
  }

  func texts(_ name: String) -> [String] {
    if case .texts(let texts)? = fields[name] { texts } else { [] }
  }

  func moment(_ name: String) -> Instant? { number(name).map { Instant(microseconds: $0) } }

  /// Returns the agent in a field.
  func agent(_ name: String) -> AgentID? { text(name).map { AgentID($0) } }

  /// The agent who acted; nil for customers and services.
  var actingAgent: AgentID? { actor.hasPrefix("agent:") ? AgentID(String(actor.dropFirst(6))) : nil }

  /// The time an offer was decided, which is before it was made: the router decides for all its queues and then makes the offers one
  /// after the other. Nil for other entries.
  var decidedAt: Instant? {
    guard case .object(let why)? = fields["why"], case .object(let input)? = why["input"],
      case .number(let moment)? = input["now_us"]
    else { return nil }
    return Instant(microseconds: moment)
  }

  private enum Field: Decodable {
    case text(String)
    case number(Int64)
    case texts([String])
    case object([String: Field])
    case other

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let text = try? container.decode(String.self) {
        self = .text(text)
      } else if let number = try? container.decode(Int64.self) {
        self = .number(number)
      } else if let texts = try? container.decode([String].self) {
        self = .texts(texts)
      } else if let object = try? container.decode([String: Field].self) {
        self = .object(object)
      } else {
        self = .other
      }
    }
  }
}
