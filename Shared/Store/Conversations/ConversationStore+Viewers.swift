public import DeskCore
import PostgreSQL

/// Someone who has a ticket open.
public struct TicketViewer: Sendable, Hashable {
  /// What they do with it.
  public enum Activity: String, Sendable, Hashable, CaseIterable {
    case looking, writing
  }

  /// Who.
  public let agent: AgentID
  /// What they do.
  public let activity: Activity
  /// Since when they do it.
  public let since: Instant
}

extension ConversationStore {
  /// Records that an agent looks at a ticket or writes on it, until the lease ends.
  /// - Parameters:
  ///   - activity: what the agent does; nil ends the lease.
  ///   - lease: from now, by the database's clock.
  public func attend(
    _ ticket: TicketID, by agent: AgentID, _ activity: TicketViewer.Activity?, lease: Duration
  ) async throws {
    if let activity {
      try await pool.execute(
        ConversationStore.renewViewer,
        [ticket, agent, activity.rawValue, lease.inSeconds, Int64(StoreBounds.viewersDeletedAtOnce)])
    } else {
      try await pool.execute(ConversationStore.deleteViewer, [ticket, agent])
    }
  }

  /// Returns who has a ticket open, in the order of their names, at most `StoreBounds.viewersPerTicket`.
  public func viewers(of ticket: TicketID) async throws -> [TicketViewer] {
    try await pool.query(ConversationStore.listViewers, [ticket, Int64(StoreBounds.viewersPerTicket)])
  }

  /// Deletes some leases that ended, of anyone, except the one that is renewed: no statement changes a row twice. Rows that another
  /// statement deletes are left to it.
  private static let renewViewer = PostgresStatement<Void>(
    "renew_viewer",
    """
    WITH ended AS (
      DELETE FROM desk.ticket_viewer v USING (
        SELECT ticket, agent FROM desk.ticket_viewer
         WHERE expires_at < statement_timestamp() - interval '1 minute' AND (ticket, agent) <> ($1::uuid, $2::text)
         ORDER BY ticket, agent LIMIT $5 FOR UPDATE SKIP LOCKED) AS e
       WHERE v.ticket = e.ticket AND v.agent = e.agent)
    INSERT INTO desk.ticket_viewer AS v (ticket, agent, doing, since, expires_at)
    VALUES ($1::uuid, $2::text, $3, statement_timestamp(), statement_timestamp() + make_interval(secs => $4))
    ON CONFLICT (ticket, agent) DO UPDATE SET doing = excluded.doing, expires_at = excluded.expires_at,
      since = CASE WHEN v.doing = excluded.doing AND v.expires_at > excluded.since THEN v.since ELSE excluded.since END
    """, planning: .once)

  private static let deleteViewer = PostgresStatement<Void>(
    "delete_viewer", "DELETE FROM desk.ticket_viewer WHERE ticket = $1 AND agent = $2", planning: .once)

  private static let listViewers = PostgresStatement(
    "list_viewers",
    """
    SELECT agent, doing, since FROM desk.ticket_viewer
     WHERE ticket = $1 AND expires_at > statement_timestamp() ORDER BY agent LIMIT $2
    """, planning: .once
  ) { row in
    let agent = try row.next(AgentID.self)
    guard let activity = try TicketViewer.Activity(rawValue: row.next(String.self)) else {
      throw StoreError.unreadable("ticket_viewer")
    }
    return TicketViewer(agent: agent, activity: activity, since: try row.next())
  }
}
