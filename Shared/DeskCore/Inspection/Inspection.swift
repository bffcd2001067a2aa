/// The inspection of one agent's work on one ended ticket: waiting, scored, and after at most one appeal decided.
///
/// A value that changes only through `handle(_:now:under:)`. The store writes it with a compare-and-set on `version`, as it does with
/// tickets.
public struct Inspection: Hashable, Sendable {
  /// Its identifier.
  public let id: InspectionID
  /// The ticket.
  public let ticket: TicketID
  /// Whose work is inspected.
  public let agent: AgentID
  /// All agents who replied on the ticket as far as they are inspected; none of them inspects it.
  public let authors: Set<AgentID>
  /// The ticket's last queue.
  public let queue: QueueID?
  /// Why it was selected.
  public let cause: InspectionCause
  /// When the ticket ended.
  public let sampledAt: Instant
  /// Counts the steps taken.
  public private(set) var version: Int32
  /// Where it is.
  public private(set) var phase: InspectionPhase

  /// Describes an inspection as the store holds it.
  public init(
    id: InspectionID, ticket: TicketID, agent: AgentID, authors: Set<AgentID>, queue: QueueID?, cause: InspectionCause,
    sampledAt: Instant, version: Int32 = 1, phase: InspectionPhase = .waiting
  ) {
    self.id = id
    self.ticket = ticket
    self.agent = agent
    self.authors = authors
    self.queue = queue
    self.cause = cause
    self.sampledAt = sampledAt
    self.version = version
    self.phase = phase
  }

  /// Takes a step.
  ///
  /// - Parameters:
  ///   - event: what happens.
  ///   - now: the database's time.
  ///   - plan: the plan in force; nil if the policy has none. Its form is used for a new result and kept with it.
  /// - Returns: what must be recorded in the audit log; nil for the repetition of a step, which changes nothing.
  public mutating func handle(
    _ event: InspectionEvent, now: Instant, under plan: InspectionPlan?
  ) throws(InspectionRefusal) -> InspectionEffect? {
    let effect: InspectionEffect?
    switch event {
    case .scored(let marks, let remark, let inspector):
      effect = try score(marks, remark, by: inspector, now: now, under: plan)
    case .appealed(let reason, let agent): effect = try appeal(reason, by: agent, now: now)
    case .decided(let marks, let reason, let lead):
      effect = try decide(marks, reason, by: lead, now: now, under: plan)
    }
    if effect != nil { version += 1 }
    return effect
  }

  /// The result, whether or not it was appealed.
  public var result: InspectionResult? {
    switch phase {
    case .waiting: nil
    case .scored(let result), .appealed(let result, _), .decided(let result, _, _): result
    }
  }

  /// The result in percent as it stands: after an appeal that changed it, the new one.
  public var percent: Int? {
    if case .decided(_, _, let decision) = phase, let scores = decision.scores { return scores.percent }
    return result?.scores.percent
  }

  /// Whether the agent may appeal.
  public func canBeAppealed(at now: Instant) -> Bool {
    if case .scored(let result) = phase { now < result.appealUntil } else { false }
  }
}

// MARK: - Steps

extension Inspection {
  private mutating func score(
    _ marks: [InspectionMark], _ remark: String?, by inspector: AgentID, now: Instant, under plan: InspectionPlan?
  ) throws(InspectionRefusal) -> InspectionEffect? {
    guard inspector != agent, !authors.contains(inspector) else { throw .ownTicket }
    if case .scored(let earlier) = phase, earlier.inspector == inspector, earlier.remark == remark,
      (try? earlier.scores.replaced(by: marks)) == earlier.scores
    {
      return nil
    }
    guard case .waiting = phase else { throw .alreadyScored }
    guard let plan else { throw .noForm }
    let scores = try InspectionScores(marks, on: plan.form.map { .init($0.id, weight: $0.weight, scale: $0.scale) })
    phase = .scored(
      InspectionResult(
        inspector: inspector, at: now, scores: scores, remark: remark, appealUntil: now + plan.appealTime))
    return .scored(percent: scores.percent)
  }

  private mutating func appeal(
    _ reason: String, by appellant: AgentID, now: Instant
  ) throws(InspectionRefusal) -> InspectionEffect? {
    guard appellant == agent else { throw .notYours }
    switch phase {
    case .waiting: throw .notScored
    case .scored(let result):
      guard now < result.appealUntil else { throw .tooLate(result.appealUntil) }
      phase = .appealed(result, InspectionAppeal(at: now, reason: reason))
      return .appealed
    case .appealed(_, let appeal):
      guard appeal.reason == reason else { throw .alreadyAppealed }
      return nil
    case .decided(_, let appeal, _):
      guard appeal.reason == reason else { throw .alreadyAppealed }
      return nil
    }
  }

  private mutating func decide(
    _ marks: [InspectionMark]?, _ reason: String, by lead: AgentID, now: Instant, under plan: InspectionPlan?
  ) throws(InspectionRefusal) -> InspectionEffect? {
    guard lead != agent, !authors.contains(lead) else { throw .ownTicket }
    switch phase {
    case .waiting, .scored: throw .notAppealed
    case .appealed(let result, let appeal):
      guard lead != result.inspector || plan?.inspectorDecidesAppeals == true else { throw .ownResult }
      let scores: InspectionScores? = if let marks { try result.scores.replaced(by: marks) } else { nil }
      phase = .decided(result, appeal, AppealDecision(by: lead, at: now, reason: reason, scores: scores))
      guard let scores else { return .upheld(percent: result.scores.percent) }
      return .changed(from: result.scores.percent, to: scores.percent)
    case .decided(let result, _, let decision):
      let same =
        if let marks { try result.scores.replaced(by: marks) == decision.scores } else { decision.scores == nil }
      guard same, decision.by == lead, decision.reason == reason else { throw .alreadyDecided }
      return nil
    }
  }
}

/// The identifier of an inspection.
public typealias InspectionID = Identifier<Inspection>

// MARK: - Parts

/// Where an inspection is.
public enum InspectionPhase: Hashable, Sendable {
  /// For an inspector.
  case waiting
  /// The agent may appeal until `appealUntil`.
  case scored(InspectionResult)
  /// For a lead.
  case appealed(InspectionResult, InspectionAppeal)
  /// Final.
  case decided(InspectionResult, InspectionAppeal, AppealDecision)
}

/// The names of an inspection's phases; an appeal that is decided is `upheld` if it left the result as it was, else `changed`.
public enum InspectionState: String, Hashable, Sendable, CaseIterable {
  case waiting, scored, appealed, upheld, changed

  /// The state of a phase.
  public init(_ phase: InspectionPhase) {
    switch phase {
    case .waiting: self = .waiting
    case .scored: self = .scored
    case .appealed: self = .appealed
    case .decided(_, _, let decision): self = decision.scores == nil ? .upheld : .changed
    }
  }
}

/// What an inspector found.
public struct InspectionResult: Hashable, Sendable {
  public let inspector: AgentID
  public let at: Instant
  public let scores: InspectionScores
  /// On the whole; nil for none, and after the customer was erased.
  public let remark: String?
  /// Until when the agent may appeal: as the policy was at that time.
  public let appealUntil: Instant

  /// Describes a result.
  public init(inspector: AgentID, at: Instant, scores: InspectionScores, remark: String?, appealUntil: Instant) {
    self.inspector = inspector
    self.at = at
    self.scores = scores
    self.remark = remark
    self.appealUntil = appealUntil
  }
}

/// An agent's appeal against a result.
public struct InspectionAppeal: Hashable, Sendable {
  public let at: Instant
  /// Nil after the customer was erased.
  public let reason: String?

  /// Describes an appeal.
  public init(at: Instant, reason: String?) {
    self.at = at
    self.reason = reason
  }
}

/// A lead's decision on an appeal.
public struct AppealDecision: Hashable, Sendable {
  public let by: AgentID
  public let at: Instant
  /// Nil after the customer was erased.
  public let reason: String?
  /// The new scores; nil if the result stands.
  public let scores: InspectionScores?

  /// Describes a decision.
  public init(by: AgentID, at: Instant, reason: String?, scores: InspectionScores?) {
    self.by = by
    self.at = at
    self.reason = reason
    self.scores = scores
  }
}

/// A step of an inspection.
public enum InspectionEvent: Hashable, Sendable {
  /// An inspector scored every criterion.
  case scored([InspectionMark], remark: String?, by: AgentID)
  /// The agent appeals.
  case appealed(reason: String, by: AgentID)
  /// A lead decides on the appeal; without marks the result stands.
  case decided([InspectionMark]?, reason: String, by: AgentID)
}

/// What must be recorded of a step.
public enum InspectionEffect: Hashable, Sendable {
  case scored(percent: Int)
  case appealed
  case upheld(percent: Int)
  case changed(from: Int, to: Int)
}

/// Why a step was refused. A refusal changes nothing.
public enum InspectionRefusal: Error, Hashable, Sendable {
  /// The inspector or lead replied on the ticket.
  case ownTicket
  /// The lead decides on a result of their own.
  case ownResult
  /// The inspection is another agent's.
  case notYours
  case notScored, alreadyScored, alreadyAppealed, notAppealed, alreadyDecided
  /// The time for an appeal ended then.
  case tooLate(Instant)
  /// The policy has no form.
  case noForm
  /// The marks do not fit the form.
  case form([InspectionMarkMistake])
}
