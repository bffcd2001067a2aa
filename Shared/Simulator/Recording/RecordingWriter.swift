import DeskCore

/// Writes the lines of a recording: one JSON object each, the stretch first, then agents, then tickets, then an end with the numbers of
/// lines and a checksum of everything before it, so that a truncated or changed file is recognised.
///
/// The README of `Shared/Simulator` documents the members.
public struct RecordingWriter: Sendable {
  private var checksum = RecordingChecksum()
  private var lines = 0
  private var agents = 0
  /// Tickets written so far.
  public private(set) var tickets = 0

  public init() {}

  /// The first line.
  public mutating func line(_ stretch: Recording.Stretch) -> [UInt8] {
    line([
      .init("frontdesk_recording", .integer(Int64(RecordingBounds.version))),
      .init("from", .text(RFC3339.text(stretch.from))), .init("to", .text(RFC3339.text(stretch.to))),
      .init("zone", .text(stretch.zone)), .init("policy", .integer(Int64(stretch.policyVersion))),
      .init(
        "workers",
        .object(stretch.workers.sorted { $0.key < $1.key }.map { .init($0.key.string, .integer(Int64($0.value))) })),
    ])
  }

  /// An agent's line.
  public mutating func line(_ agent: RecordedAgent) -> [UInt8] {
    agents += 1
    let profile = agent.profile
    return line([
      .init("agent", .text(profile.id.rawValue)),
      .init("teams", .list(profile.teams.sorted().map { .text($0.rawValue) })),
      .init(
        "skills",
        .object(profile.skills.sorted { $0.key < $1.key }.map { .init($0.key.rawValue, .integer(Int64($0.value))) })),
      .init("languages", .list(profile.languages.sorted().map { .text($0) })),
      .init("capacity", .integer(Int64(profile.capacity))),
      .init(
        "presence",
        .list(
          agent.changes.map {
            .list([.integer($0.at), .text($0.presence.rawValue), .integer(Int64($0.capacity))])
          })),
    ])
  }

  /// A ticket's line.
  public mutating func line(_ ticket: RecordedTicket) -> [UInt8] {
    tickets += 1
    var fields: [JSONValue.Field] = [
      .init("ticket", .text(ticket.id)), .init("customer", .text(ticket.customer)),
      .init("channel", .text(ticket.channel.rawValue)), .init("tier", .text(ticket.tier.rawValue)),
      .init("opened", .integer(ticket.opened)),
    ]
    if let agent = ticket.dedicatedAgent { fields.append(.init("dedicated_agent", .text(agent.rawValue))) }
    if let decision = ticket.decision { fields.append(.init("decision", .object(decision.fields))) }
    if let due = ticket.firstDue { fields.append(.init("first_due", .integer(due))) }
    if ticket.isFirstLate { fields.append(.init("first_late", .flag(true))) }
    if !ticket.messages.isEmpty {
      fields.append(
        .init("messages", .list(ticket.messages.map { .list([.integer($0.at), .text($0.author.rawValue)]) })))
    }
    if !ticket.offers.isEmpty { fields.append(.init("offers", .list(ticket.offers.map(\.value)))) }
    if !ticket.hands.isEmpty { fields.append(.init("hands", .list(ticket.hands.map(\.value)))) }
    if let end = ticket.end { fields.append(.init("end", .list([.integer(end.at), .text(end.how.rawValue)]))) }
    return line(fields)
  }

  /// The last line.
  public mutating func end() -> [UInt8] {
    let sum = checksum.text
    return line([
      .init("agents", .integer(Int64(agents))), .init("tickets", .integer(Int64(tickets))),
      .init("lines", .integer(Int64(lines + 1))), .init("checksum", .text(sum)),
    ])
  }

  private mutating func line(_ fields: [JSONValue.Field]) -> [UInt8] {
    lines += 1
    let bytes = Array(JSONValue.object(fields).json.utf8) + [UInt8(ascii: "\n")]
    checksum.add(bytes)
    return bytes
  }
}

/// FNV-1a of 64 bits over the bytes of a file: finds accidents, not forgeries.
struct RecordingChecksum: Sendable {
  private var hash: UInt64 = 0xCBF2_9CE4_8422_2325

  mutating func add(_ bytes: some Sequence<UInt8>) {
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
  }

  /// 16 hexadecimal digits.
  var text: String {
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}

extension RecordedTicket.Decision {
  fileprivate var fields: [JSONValue.Field] {
    var fields: [JSONValue.Field] = [
      .init("at", .integer(at)), .init("policy", .integer(Int64(policyVersion))),
      .init("category", .text(labels.category)), .init("intent", .text(labels.intent)),
      .init("confidence", .number(labels.confidence)), .init("urgency", .text(labels.urgency.name)),
      .init("sentiment", .text(labels.sentiment.name)), .init("language", .text(labels.language)),
      .init("model", .text(labels.modelVersion)), .init("queue", .text(queue.rawValue)),
      .init("priority", .integer(Int64(priority.rawValue))),
      .init("skills", .object(skills.map { .init($0.skill.rawValue, .integer(Int64($0.proficiency))) })),
      .init("weight", weight == TicketWeight.whole ? "whole" : .integer(Int64(weight))),
    ]
    if !productLine.isEmpty { fields.append(.init("product_line", .text(productLine))) }
    if !found.isEmpty { fields.append(.init("found", .list(found.map { .integer(Int64($0)) }))) }
    if !met.isEmpty { fields.append(.init("fields_met", .list(met.map { .integer(Int64($0)) }))) }
    if needsTriage { fields.append(.init("triage", .flag(true))) }
    if isByArticle { fields.append(.init("article", .flag(true))) }
    return fields
  }
}

extension RecordedTicket.Offer {
  fileprivate var value: JSONValue {
    .list([
      .integer(at), .text(agent.rawValue), answer.map { .text($0.rawValue) } ?? .null,
      answeredAt.map { .integer($0) } ?? .null,
    ])
  }
}

extension RecordedTicket.Hands {
  fileprivate var value: JSONValue {
    .list([
      .text(agent.rawValue), .integer(since), .integer(handled), .integer(pended),
      endedBy.map { .text($0) } ?? .null,
    ])
  }
}
