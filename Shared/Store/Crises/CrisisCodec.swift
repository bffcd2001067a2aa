import DeskCore
import PostgreSQL

/// The encoding of a crisis case in the columns of `desk.crisis`.
enum CrisisCodec {
  static func document(of crisis: CrisisCase) -> PostgresJSON {
    var fields: [JSONValue.Field] = [
      .init("opened_by", .text(crisis.opened.by.text)),
      .init("owner", crisis.owner.map { .text($0.rawValue) } ?? .null),
      .init("tickets", .integer(crisis.evidence.tickets)), .init("angry", .integer(crisis.evidence.angry)),
      .init("expected", crisis.evidence.expected.map { .number($0) } ?? .null),
      .init("first_seen_us", .integer(crisis.evidence.firstSeen.microseconds)),
      .init("reason", crisis.evidence.reason.map { .text($0) } ?? .null),
      .init(
        "checklist",
        .list(
          crisis.checklist.map { item in
            .object(
              [.init("text", .text(item.text))] + (item.point.texts.isEmpty ? [] : [.init("texts", item.point.json)])
                + (item.done.map(Self.fields) ?? []))
          })),
      .init(
        "answers",
        .list(
          crisis.answers.map { answer in
            .object(
              [.init("answer", .text(answer.answer)), .init("on", .flag(answer.isOn))] + Self.fields(answer.mark))
          })),
    ]
    if let end = crisis.end {
      var ending: [JSONValue.Field] = Self.fields(end.mark) + [.init("reason", .text(end.reason))]
      ending += [
        .init("tickets", .integer(end.figures.tickets)), .init("angry", .integer(end.figures.angry)),
        .init("answered", .integer(end.figures.answered)),
        .init(
          "queues",
          .object(
            end.figures.queues.sorted { $0.key < $1.key }.map { .init($0.key.rawValue, .integer($0.value)) })),
      ]
      if let peak = end.figures.peak {
        ending += [
          .init("peak_at_us", .integer(peak.at.microseconds)), .init("peak_tickets", .integer(peak.tickets)),
        ]
      }
      fields.append(.init("end", .object(ending)))
    }
    return PostgresJSON(JSONValue.object(fields).json)
  }

  /// Reads `id, cause, kinds, version, opened_at, examples, document`.
  static let read: @Sendable (inout PostgresRowReader) throws -> CrisisCase = { row in
    let id: CrisisID = try row.next()
    let cause: String = try row.next()
    let kinds: [String] = try row.next()
    let version: Int32 = try row.next()
    let openedAt: Instant = try row.next()
    let examples: [TicketID] = try row.next()
    let text: String = try row.next()
    guard let cause = CrisisCause(cause) else { throw StoreError.unreadable("cause") }
    guard let document = JSONValue(json: text), let opener = actor(document["opened_by"]) else {
      throw StoreError.unreadable("document")
    }
    let evidence = CrisisEvidence(
      tickets: document["tickets"]?.integer ?? 0, angry: document["angry"]?.integer ?? 0,
      expected: document["expected"]?.number, kinds: kinds,
      firstSeen: document["first_seen_us"]?.integer.map { Instant(microseconds: $0) } ?? openedAt, examples: examples,
      reason: document["reason"]?.text)
    return CrisisCase(
      id: id, cause: cause, opened: .init(by: opener, at: openedAt), evidence: evidence, version: version,
      owner: document["owner"]?.text.map { AgentID($0) },
      checklist: (document["checklist"]?.list ?? []).map {
        .init(.init(text: $0["text"]?.text ?? "", json: $0["texts"]), done: mark($0))
      },
      answers: (document["answers"]?.list ?? []).compactMap { stored in
        guard let answer = stored["answer"]?.text, let mark = mark(stored) else { return nil }
        return .init(answer, isOn: stored["on"]?.flag ?? false, mark: mark)
      }, end: document["end"].flatMap(end))
  }

  private static func fields(_ mark: CrisisCase.Mark) -> [JSONValue.Field] {
    [.init("by", .text(mark.by.text)), .init("at_us", .integer(mark.at.microseconds))]
  }

  private static func actor(_ value: JSONValue?) -> TimelineEntry.Actor? {
    value?.text.flatMap { TimelineEntry.Actor($0) }
  }

  private static func mark(_ value: JSONValue) -> CrisisCase.Mark? {
    guard let by = actor(value["by"]), let at = value["at_us"]?.integer else { return nil }
    return CrisisCase.Mark(by: by, at: Instant(microseconds: at))
  }

  private static func end(_ value: JSONValue) -> CrisisCase.End? {
    guard let mark = mark(value) else { return nil }
    var figures = CrisisFigures(
      tickets: value["tickets"]?.integer ?? 0, angry: value["angry"]?.integer ?? 0,
      answered: value["answered"]?.integer ?? 0)
    if case .object(let queues)? = value["queues"] {
      for queue in queues { figures.queues[QueueID(queue.name)] = queue.value.integer }
    }
    if let at = value["peak_at_us"]?.integer, let tickets = value["peak_tickets"]?.integer {
      figures.peak = .init(at: Instant(microseconds: at), tickets: tickets)
    }
    return CrisisCase.End(mark: mark, reason: value["reason"]?.text ?? "", figures: figures)
  }
}
