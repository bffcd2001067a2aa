/// The identifier of a crisis case.
public typealias CrisisID = Identifier<CrisisCase>

/// A crisis: one case over many tickets, with an owner, a checklist, answers that can be switched on for all who ask, and an end.
public struct CrisisCase: Hashable, Sendable {
  /// Who did something, and when.
  public struct Mark: Hashable, Sendable {
    /// Who.
    public let by: TimelineEntry.Actor
    /// When.
    public let at: Instant

    /// Describes a mark.
    public init(by: TimelineEntry.Actor, at: Instant) {
      self.by = by
      self.at = at
    }
  }

  /// A point of the checklist.
  public struct Item: Hashable, Sendable {
    /// What is to be done, as the policy said it when the case was opened.
    public let point: CrisisPolicy.Point
    /// Who did it; nil while it is open.
    public var done: Mark?

    /// What is to be done.
    public var text: String { point.text }

    /// Describes a point.
    public init(_ point: CrisisPolicy.Point, done: Mark? = nil) {
      self.point = point
      self.done = done
    }
  }

  /// Whether a prepared answer is sent.
  public struct AnswerSwitch: Hashable, Sendable {
    /// The answer's name in the policy.
    public let answer: String
    /// Whether it is sent now.
    public var isOn: Bool
    /// Who switched it last.
    public var mark: Mark

    /// Describes a switch.
    public init(_ answer: String, isOn: Bool, mark: Mark) {
      self.answer = answer
      self.isOn = isOn
      self.mark = mark
    }
  }

  /// How a case ended.
  public struct End: Hashable, Sendable {
    /// Who ended it.
    public let mark: Mark
    /// Why.
    public let reason: String
    /// What it was about, in numbers.
    public let figures: CrisisFigures

    /// Describes an end.
    public init(mark: Mark, reason: String, figures: CrisisFigures) {
      self.mark = mark
      self.reason = reason
      self.figures = figures
    }
  }

  /// The case.
  public let id: CrisisID
  /// Why it exists.
  public let cause: CrisisCause
  /// Who opened it: a service or a person.
  public let opened: Mark
  /// What it was opened on.
  public let evidence: CrisisEvidence
  /// Increases by one with each change.
  public private(set) var version: Int32
  /// Who is responsible; nil: the leads share it.
  public private(set) var owner: AgentID?
  /// What is to be done.
  public private(set) var checklist: [Item]
  /// The answers that were switched at least once, in that order.
  public private(set) var answers: [AnswerSwitch]
  /// How it ended; nil while it is open.
  public private(set) var end: End?

  /// Reads a stored case.
  public init(
    id: CrisisID, cause: CrisisCause, opened: Mark, evidence: CrisisEvidence, version: Int32, owner: AgentID?,
    checklist: [Item], answers: [AnswerSwitch], end: End?
  ) {
    self.id = id
    self.cause = cause
    self.opened = opened
    self.evidence = evidence
    self.version = version
    self.owner = owner
    self.checklist = checklist
    self.answers = answers
    self.end = end
  }

  /// Opens a case with the policy's checklist.
  /// - Parameter owner: who is responsible; nil: as the policy says.
  public init(
    id: CrisisID, cause: CrisisCause, evidence: CrisisEvidence, by actor: TimelineEntry.Actor, owner: AgentID? = nil,
    under policy: CrisisPolicy, now: Instant
  ) {
    self.init(
      id: id, cause: cause, opened: Mark(by: actor, at: now), evidence: evidence, version: 1,
      owner: owner ?? policy.owner, checklist: policy.checklist.map { Item($0) }, answers: [], end: nil)
  }

  /// The prepared answers that are sent now; none after the end.
  public var answersOn: [String] { end == nil ? answers.filter(\.isOn).map(\.answer) : [] }
}

/// What a case was about, in numbers.
public struct CrisisFigures: Hashable, Sendable {
  /// The busiest five minutes.
  public struct Peak: Hashable, Sendable {
    /// When they began.
    public let at: Instant
    /// The tickets in them.
    public let tickets: Int64

    /// Describes a peak.
    public init(at: Instant, tickets: Int64) {
      self.at = at
      self.tickets = tickets
    }
  }

  /// The tickets that the case is about, and the angry ones among them.
  public var tickets: Int64
  public var angry: Int64
  /// How many customers got a prepared answer.
  public var answered: Int64
  /// The tickets by the queue that they went to.
  public var queues: [QueueID: Int64]
  /// The busiest five minutes; nil without tickets.
  public var peak: Peak?

  /// Collects the figures.
  public init(
    tickets: Int64 = 0, angry: Int64 = 0, answered: Int64 = 0, queues: [QueueID: Int64] = [:], peak: Peak? = nil
  ) {
    self.tickets = tickets
    self.angry = angry
    self.answered = answered
    self.queues = queues
    self.peak = peak
  }
}

// MARK: - Changes

/// What can happen to a case.
public enum CrisisEvent: Hashable, Sendable {
  /// A point of the checklist was done, or turned out to be open. Points are counted from 0.
  case checked(Int, isDone: Bool, by: TimelineEntry.Actor)
  /// A prepared answer was switched on or off.
  case answerSwitched(String, on: Bool, by: TimelineEntry.Actor)
  /// Another person became responsible.
  case ownerChanged(AgentID, by: TimelineEntry.Actor)
  /// It was ended.
  case ended(reason: String, by: TimelineEntry.Actor, CrisisFigures)
}

/// Why a change of a case is refused.
public enum CrisisRefusal: Error, Hashable, Sendable {
  /// The case has ended.
  case hasEnded
  /// The checklist has no such point.
  case noSuchItem
  /// The policy has no such answer.
  case noSuchAnswer
  /// The policy has no such agent.
  case noSuchAgent
}

extension CrisisCase {
  /// Changes the case. What is so already stays, with its first mark.
  ///
  /// - Returns: what subscribers are notified of.
  /// - Throws: `CrisisRefusal`; the case is then unchanged.
  public mutating func handle(
    _ event: CrisisEvent, now: Instant, under policy: Policy
  ) throws(CrisisRefusal) -> [NoticeKind] {
    guard end == nil else { throw .hasEnded }
    var next = self
    let kind: NoticeKind?
    switch event {
    case .checked(let place, let isDone, let actor):
      guard checklist.indices.contains(place) else { throw .noSuchItem }
      guard (checklist[place].done != nil) != isDone else { return [] }
      next.checklist[place].done = isDone ? Mark(by: actor, at: now) : nil
      kind = nil
    case .answerSwitched(let name, let isOn, let actor):
      // One that the policy has lost can still be switched off.
      let known = policy.life.crisis.answers.contains { $0.name.hasSameBytes(as: name) }
      let place = answers.firstIndex { $0.answer.hasSameBytes(as: name) }
      guard known || (place != nil && !isOn) else { throw .noSuchAnswer }
      guard (place.map { answers[$0].isOn } ?? false) != isOn else { return [] }
      let switched = AnswerSwitch(name, isOn: isOn, mark: Mark(by: actor, at: now))
      if let place { next.answers[place] = switched } else { next.answers.append(switched) }
      kind = .crisisChanged
    case .ownerChanged(let agent, _):
      guard owner != agent else { return [] }
      guard policy.agents[agent] != nil else { throw .noSuchAgent }
      next.owner = agent
      kind = .crisisChanged
    case .ended(let reason, let actor, let figures):
      next.end = End(mark: Mark(by: actor, at: now), reason: reason, figures: figures)
      kind = .crisisEnded
    }
    next.version += 1
    self = next
    return kind.map { [$0] } ?? []
  }
}

// MARK: - For people and subscribers

extension CrisisCase {
  /// The case as JSON; contains none of the customers' text.
  public func summary(_ figures: CrisisFigures? = nil) -> JSONValue {
    var fields: [JSONValue.Field] = [
      .init("crisis", .text(id.description)), .init("cause", .text(cause.text)),
      .init("state", .text(end == nil ? "open" : "ended")), .init("owner", owner.map { .text($0.rawValue) } ?? .null),
      .init("opened_at", .text(RFC3339.text(opened.at))), .init("opened_by", .text(opened.by.text)),
      .init("first_seen", .text(RFC3339.text(evidence.firstSeen))),
      .init("reason", evidence.reason.map { .text($0) } ?? .null),
      .init("kinds", .list(evidence.kinds.map { .text($0) })),
      .init("tickets_at_opening", .integer(evidence.tickets)), .init("angry_at_opening", .integer(evidence.angry)),
      .init("expected", evidence.expected.map { .number($0) } ?? .null),
      .init("examples", .list(evidence.examples.map { .text($0.description) })),
      .init("checklist", .list(checklist.map(CrisisCase.json))), .init("answers", .list(answers.map(CrisisCase.json))),
      .init("ended_at", end.map { .text(RFC3339.text($0.mark.at)) } ?? .null),
      .init("ended_by", end.map { .text($0.mark.by.text) } ?? .null),
      .init("end_reason", end.map { .text($0.reason) } ?? .null),
    ]
    if let figures = end?.figures ?? figures { fields.append(.init("figures", figures.json)) }
    return .object(fields)
  }

  private static func json(_ item: Item) -> JSONValue {
    .object([
      .init("text", .text(item.text)), .init("texts", item.point.json), .init("done", .flag(item.done != nil)),
      .init("by", item.done.map { .text($0.by.text) } ?? .null),
      .init("at", item.done.map { .text(RFC3339.text($0.at)) } ?? .null),
    ])
  }

  private static func json(_ answer: AnswerSwitch) -> JSONValue {
    .object([
      .init("answer", .text(answer.answer)), .init("on", .flag(answer.isOn)), .init("by", .text(answer.mark.by.text)),
      .init("at", .text(RFC3339.text(answer.mark.at))),
    ])
  }
}

extension CrisisPolicy.Point {
  /// The texts by language as JSON; null if there is one for all.
  public var json: JSONValue {
    texts.isEmpty ? .null : .object(texts.sorted { $0.key < $1.key }.map { .init($0.key, .text($0.value)) })
  }

  /// Reads a point from its text and its texts.
  public init(text: String, json: JSONValue?) {
    var texts: [String: String] = [:]  // exact-keys: zh and en
    if case .object(let fields)? = json {
      for field in fields { texts[field.name] = field.value.text }
    }
    self = Self(texts: texts) ?? Self(text)
  }
}

extension CrisisFigures {
  /// The figures as JSON.
  public var json: JSONValue {
    .object([
      .init("tickets", .integer(tickets)), .init("angry", .integer(angry)), .init("answered", .integer(answered)),
      .init(
        "queues", .object(queues.sorted { $0.key < $1.key }.map { .init($0.key.rawValue, .integer($0.value)) })),
      .init("peak_at", peak.map { .text(RFC3339.text($0.at)) } ?? .null),
      .init("peak_tickets", peak.map { .integer($0.tickets) } ?? .null),
    ])
  }
}
