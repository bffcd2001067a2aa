public import DeskCore
import PostgreSQL

/// Inspections of ended tickets, and the figures about what agents write.
public struct InspectionStore: Sendable, StoreSession {
  let pool: PostgresPool
  let setAside: SetAsideRows
}

extension InspectionStore {
  /// Returns a page of inspections, newest first.
  /// - Parameters:
  ///   - state: only those in this state; nil for all.
  ///   - before: only those with an earlier identifier; nil for the newest.
  ///   - limit: the maximum number.
  public func inspections(
    in state: InspectionState?, before: InspectionID?, limit: Int
  ) async throws -> [Inspection] {
    if let state {
      return try await pool.query(InspectionStore.pageInState, [state.rawValue, before, Int64(limit)])
    }
    return try await pool.query(InspectionStore.page, [before, Int64(limit)])
  }

  /// Returns a page of the inspections of an agent that have a result, newest first. That others are waiting is not for the agent to know.
  public func results(of agent: AgentID, before: InspectionID?, limit: Int) async throws -> [Inspection] {
    try await pool.query(InspectionStore.pageOfAgent, [agent, before, Int64(limit)])
  }

  /// Returns an inspection; nil if there is none.
  public func inspection(_ id: InspectionID) async throws -> Inspection? {
    try await pool.query(InspectionStore.one, [id]).first
  }

  /// Writes a step of an inspection together with its audit entry.
  /// - Parameters:
  ///   - inspection: after the step; its version must follow the stored one.
  ///   - kind: of the audit entry, whose subject is the inspection.
  ///   - detail: of the audit entry, a JSON object.
  /// - Returns: whether it took effect. Otherwise another step was written first, or an erasure, and nothing has changed.
  public func commit(_ inspection: Inspection, noting kind: String, _ detail: JSONValue) async throws -> Bool {
    let values = InspectionStore.values(of: inspection) + [kind, detail.json]
    return try await !pool.query(InspectionStore.change, values).isEmpty
  }

  static func values(of sample: InspectionSample, from ticket: Ticket) -> [any PostgresEncodable] {
    let selected = sample.selected.sorted { $0.key < $1.key }
    return [
      ticket.id, ticket.queue, sample.others?.rawValue, selected.map(\.key), selected.map(\.value.rawValue),
      sample.exempt.sorted(),
    ]
  }

  static let insertSample = PostgresStatement<Void>(
    "sample_ticket", "SELECT desk.sample_ticket($1, $2, $3, $4, $5, $6)")

  private static func values(of inspection: Inspection) -> [any PostgresEncodable] {
    let result = inspection.result
    var appeal: InspectionAppeal?
    var decision: AppealDecision?
    switch inspection.phase {
    case .waiting, .scored: break
    case .appealed(_, let made): appeal = made
    case .decided(_, let made, let taken): (appeal, decision) = (made, taken)
    }
    let lines = result?.scores.lines
    let decided = decision?.scores
    return [
      inspection.id, inspection.version - 1, InspectionState(inspection.phase).rawValue, result?.inspector, result?.at,
      lines?.map(\.criterion), lines?.map { Int32($0.weight) }, lines?.map { Int32($0.scale) },
      lines?.map { Int32($0.score) }, result.map { Int32($0.scores.percent) }, lines?.map { $0.comment ?? "" },
      result?.remark, result?.appealUntil, appeal?.at, appeal?.reason, decision?.at, decision?.by, decision?.reason,
      decided?.lines.map { Int32($0.score) }, decided.map { Int32($0.percent) },
      decided?.lines.map { $0.comment ?? "" },
    ]
  }

  private static let change = PostgresStatement<Int64>(
    "change_inspection",
    """
    WITH changed AS (
      UPDATE desk.inspection
         SET version = version + 1, state = $3, inspector = $4, inspected_at = $5, criteria = $6, weights = $7, scales = $8, scores = $9,
             percent = $10, comments = $11, remark = $12, appeal_until = $13, appealed_at = $14, appeal_reason = $15, decided_at = $16,
             decided_by = $17, decision_reason = $18, decided_scores = $19, decided_percent = $20, decided_comments = $21
       WHERE id = $1 AND version = $2 RETURNING id)
    SELECT desk.audit_append($22, c.id::text, $23::text::jsonb) FROM changed c
    """)

  private static let columns = """
    i.id, i.ticket, i.agent, ARRAY(SELECT o.agent FROM desk.inspection o WHERE o.ticket = i.ticket), i.queue, i.cause, i.sampled_at,
    i.version, i.state, i.inspector, i.inspected_at, i.criteria, i.weights, i.scales, i.scores, i.comments, i.remark, i.appeal_until,
    i.appealed_at, i.appeal_reason, i.decided_at, i.decided_by, i.decision_reason, i.decided_scores, i.decided_comments
    """

  private static let read: @Sendable (inout PostgresRowReader) throws -> Inspection = { row in
    let (id, ticket, agent) = (
      try row.next(InspectionID.self), try row.next(TicketID.self), try row.next(AgentID.self)
    )
    let (authors, queue) = (try row.next([AgentID].self), try row.next(QueueID?.self))
    let (cause, sampledAt) = (try row.next(String.self), try row.next(Instant.self))
    let (version, state) = (try row.next(Int32.self), try row.next(String.self))
    let (inspector, inspectedAt) = (try row.next(AgentID?.self), try row.next(Instant?.self))
    let (criteria, weights, scales, scores) = (
      try row.next([CriterionID]?.self), try row.next([Int32]?.self), try row.next([Int32]?.self),
      try row.next([Int32]?.self)
    )
    let (comments, remark, appealUntil) = (
      try row.next([String]?.self), try row.next(String?.self), try row.next(Instant?.self)
    )
    let (appealedAt, appealReason) = (try row.next(Instant?.self), try row.next(String?.self))
    let (decidedAt, decidedBy, decisionReason) = (
      try row.next(Instant?.self), try row.next(AgentID?.self), try row.next(String?.self)
    )
    let (decidedScores, decidedComments) = (try row.next([Int32]?.self), try row.next([String]?.self))

    func filled(_ scores: [Int32], _ comments: [String]?) throws -> InspectionScores {
      guard let criteria, let weights, let scales, criteria.count == scores.count, weights.count == scores.count,
        scales.count == scores.count
      else { throw StoreError.unreadable("inspection") }
      let comments = comments.map { $0.map { $0.isEmpty ? nil : $0 } } ?? []
      return InspectionScores(
        lines: criteria.indices.map { place in
          .init(
            criteria[place], weight: Int(weights[place]), scale: Int(scales[place]), score: Int(scores[place]),
            comment: place < comments.count ? comments[place] : nil)
        })
    }
    var phase = InspectionPhase.waiting
    if let inspector, let inspectedAt, let scores, let appealUntil {
      let result = InspectionResult(
        inspector: inspector, at: inspectedAt, scores: try filled(scores, comments), remark: remark,
        appealUntil: appealUntil)
      phase = .scored(result)
      if let appealedAt {
        let appeal = InspectionAppeal(at: appealedAt, reason: appealReason)
        phase = .appealed(result, appeal)
        if let decidedAt, let decidedBy {
          phase = .decided(
            result, appeal,
            AppealDecision(
              by: decidedBy, at: decidedAt, reason: decisionReason,
              scores: try decidedScores.map { try filled($0, decidedComments) }))
        }
      }
    }
    guard InspectionState(phase).rawValue == state, let cause = InspectionCause(rawValue: cause) else {
      throw StoreError.unreadable("inspection")
    }
    return Inspection(
      id: id, ticket: ticket, agent: agent, authors: Set(authors), queue: queue, cause: cause, sampledAt: sampledAt,
      version: version, phase: phase)
  }

  private static let one = PostgresStatement(
    "inspection", "SELECT \(columns) FROM desk.inspection i WHERE i.id = $1", row: read)

  private static let page = PostgresStatement(
    "inspections",
    "SELECT \(columns) FROM desk.inspection i WHERE $1::uuid IS NULL OR i.id < $1 ORDER BY i.id DESC LIMIT $2",
    row: read)

  private static let pageInState = PostgresStatement(
    "inspections_in_state",
    """
    SELECT \(columns) FROM desk.inspection i WHERE i.state = $1 AND ($2::uuid IS NULL OR i.id < $2) ORDER BY i.id DESC LIMIT $3
    """, row: read)

  private static let pageOfAgent = PostgresStatement(
    "inspections_of_agent",
    """
    SELECT \(columns) FROM desk.inspection i
     WHERE i.agent = $1 AND i.state <> 'waiting' AND ($2::uuid IS NULL OR i.id < $2) ORDER BY i.id DESC LIMIT $3
    """, row: read)
}
