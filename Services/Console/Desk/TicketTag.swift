import Crypto
import DeskCore
import HTTPService
import HTTPTypes
import Store

/// What an act on a ticket is decided from, as a strong entity tag (RFC 9110, section 8.8.3): its state, who has it or is offered it, its
/// queue and priority, to whom a reply goes, and the newest message, also one that no decision has seen yet.
///
/// The ticket's version would not do. It rises with every warning of a deadline and every notice of progress, for which nobody acts
/// differently, and does not rise when a customer's message is accepted. What changes and changes back leaves the same tag.
struct TicketTag: Sendable, Hashable {
  /// Without the quotes.
  let text: String

  init(_ ticket: Ticket, newest message: MessageID?) {
    let parts = [
      ticket.id.description, ticket.state.rawValue, ticket.agent?.rawValue, ticket.offer?.agent.rawValue,
      ticket.queue?.rawValue, ticket.priority.name, ticket.addressee.channel.rawValue, ticket.addressee.customer,
      message?.description,
    ]
    var hash = SHA256()
    // Lengths, so that no part can continue in the next one.
    for part in parts { hash.update(data: Array("\(part?.utf8.count ?? -1) \(part ?? "")".utf8)) }
    text = hash.finalize().prefix(9).map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
  }

  /// The value of the header `ETag`.
  var field: String { "\"\(text)\"" }
}

/// The header `If-Match` (RFC 9110, section 13.1.1): what its sender takes the ticket for.
struct ExpectedTicket: Sendable, Hashable {
  /// The strong tags that it names, without quotes. A weak one never matches.
  let tags: [String]

  /// - Returns: nil without the header, and for `*`, which every ticket matches.
  /// - Throws: `HTTPProblem` 422 when it is no list of entity tags.
  static func read(_ headers: HTTPFields) throws(HTTPProblem) -> ExpectedTicket? {
    guard let text = headers[.ifMatch]?.trimmingBlanks() else { return nil }
    if text == "*" { return nil }
    guard let tags = strongTags(in: text) else {
      let detail = "If-Match is not a list of at most \(ConsoleBounds.expectedTags) entity tags."
      throw HTTPProblem(
        .unprocessableContent, type: .invalidRequest, detail: detail,
        errors: [
          .init(
            field: "If-Match", detail: detail, remedy: "Send the ETag that was read with the ticket, with its quotes.")
        ])
    }
    return ExpectedTicket(tags: tags)
  }

  func isMet(by tag: TicketTag) -> Bool { tags.contains { $0.hasSameBytes(as: tag.text) } }

  private static func strongTags(in text: String) -> [String]? {
    var (tags, count): ([String], Int) = ([], 0)
    var rest = Substring(text)
    while true {
      let isWeak = rest.hasPrefix("W/")
      if isWeak { rest = rest.dropFirst(2) }
      guard rest.first == "\"", let end = rest.dropFirst().firstIndex(of: "\"") else { return nil }
      let tag = rest[rest.index(after: rest.startIndex)..<end]
      guard tag.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value != 0x7F }) else { return nil }
      count += 1
      guard count <= ConsoleBounds.expectedTags else { return nil }
      if !isWeak { tags.append(String(tag)) }
      rest = rest[rest.index(after: end)...].drop { $0 == " " || $0 == "\t" }
      if rest.isEmpty { return tags }
      guard rest.first == "," else { return nil }
      rest = rest.dropFirst().drop { $0 == " " || $0 == "\t" }
    }
  }
}

extension String {
  fileprivate func trimmingBlanks() -> String {
    var text = Substring(self)
    while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
    while let last = text.last, last == " " || last == "\t" { text.removeLast() }
    return String(text)
  }
}

// MARK: - Acts on the expected ticket

extension AgentDesk {
  /// The tag of a ticket as it is now.
  func tag(of ticket: Ticket) async throws -> TicketTag {
    TicketTag(ticket, newest: try await store.conversations.newestMessage(on: ticket.id))
  }

  /// - Throws: `HTTPProblem` 412 when the ticket is not the expected one.
  func require(_ expected: ExpectedTicket?, _ ticket: Ticket) async throws {
    guard let expected else { return }
    let newest = try await store.conversations.newestMessage(on: ticket.id)
    let tag = TicketTag(ticket, newest: newest)
    if !expected.isMet(by: tag) { throw ConsoleProblem.changed(ticket, tag, newest: newest, expected: expected) }
  }
}

extension ConsoleProblem {
  /// The ticket is not what the sender takes it for. `current` is what it is.
  static func changed(
    _ ticket: Ticket, _ tag: TicketTag, newest: MessageID?, expected: ExpectedTicket
  ) -> HTTPProblem {
    HTTPProblem(
      .preconditionFailed, type: .ticketChanged,
      detail: "The ticket \(ticket.id) has changed since it was read. Nothing was done.",
      errors: [
        .init(
          field: "If-Match", value: expected.tags.first,
          detail: "The ticket is \(ticket.state.rawValue) now, at version \(ticket.version).",
          remedy: "Read the ticket again, and repeat the request with its new ETag if it is still right.")
      ],
      current: .object([
        .init("etag", .text(tag.text)), .init("version", .integer(Int64(ticket.version))),
        .init("state", .text(ticket.state.rawValue)), .init("agent", ticket.agent.map { .text($0.rawValue) } ?? .null),
        .init("newest_message", newest.map { .text($0.description) } ?? .null),
      ]), headers: [.eTag: tag.field])
  }
}
