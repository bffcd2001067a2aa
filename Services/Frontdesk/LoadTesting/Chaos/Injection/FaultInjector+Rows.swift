import CommandLineTool
import Curl
import DeskCore
import DeskSupervisor
import Foundation
import PostgreSQL
import Store

/// Broken rows that services must tolerate. They belong to our own customer, so that no other ticket is affected.
extension FaultInjector {
  /// Sends messages that are not recorded in any acknowledgement file, because their rows are modified.
  private func handIn(_ messages: [SentMessage], channel: ChannelID, _ client: HTTPClient) async throws
    -> [MessageFate]
  {
    let request = HTTPClient.Request(
      method: "POST", url: "\(desk.local.intakeURL)/v1/messages",
      headers: [
        "Authorization": "Bearer \(try desk.local.keys.channelKey(channel))", "Content-Type": "application/json",
      ], body: try MessageBody.json(messages), timeout: LoadBounds.requestTimeout,
      maximumResponseBytes: LoadBounds.answerBytes)
    return HTTPAnswer.fates(try await client.send(request), count: messages.count)
  }

  /// Runs a body with our own message that has been decided.
  private func withOwnMessage(
    _ fault: Fault, _ body: (SentMessage, MessageID, TicketID, HTTPClient) async throws -> FaultConsequences
  ) async throws -> FaultConsequences {
    guard let channel = desk.local.keys.channels().first else { throw CommandFailure("the desk has no channel") }
    let message = SentMessage(
      channel: channel, id: "chaos-\(desk.clients.seed)-own-\(fault.number)",
      customer: "chaos-own-\(fault.number)", text: "Where is my parcel?")
    return try await withClient { client in
      let fates = try await handIn([message], channel: channel, client)
      guard case .acknowledged(let id, let ticket, _)? = fates.first, let messageID = MessageID(id),
        let ticketID = TicketID(ticket)
      else { throw CommandFailure("our own message was not accepted: \(fates)") }
      let deadline = ContinuousClock.now + ChaosBounds.decisionPatience
      while try await !desk.store.pool.query(FaultInjector.isUndecided, [messageID]).isEmpty {
        guard ContinuousClock.now < deadline else { throw CommandFailure("our own message was not decided") }
        try await Task.sleep(for: ChaosBounds.lookInterval)
      }
      return try await body(message, messageID, ticketID, client)
    }
  }

  /// Deletes the message's row, as retention does, and sends its key again among new messages, which must all be accepted.
  func sendAmongNeighbours(_ fault: Fault) async throws -> FaultConsequences {
    try await withOwnMessage(fault) { message, id, _, client in
      try await desk.store.pool.execute(FaultInjector.deleteMessage, [id])
      let neighbours = (0..<ChaosBounds.neighbours).map { number in
        SentMessage(
          channel: message.channel, id: "\(message.id)-\(number)", customer: "\(message.customer)-\(number)",
          text: message.text)
      }
      let fates = try await handIn(neighbours + [message], channel: message.channel, client)
      // The key is no longer needed.
      try await desk.store.pool.execute(FaultInjector.deleteKey, [id])
      let refused = fates.dropLast().filter { fate in
        if case .acknowledged = fate { false } else { true }
      }
      guard let first = refused.first else { return FaultConsequences() }
      return FaultConsequences(findings: [
        "\(refused.count) of \(neighbours.count) messages were not accepted in a batch with one whose row is missing: \(first)"
      ])
    }
  }

  /// Temporarily sets a ticket's skills to a value that no build has written.
  func spoilTicket(_ fault: Fault) async throws -> FaultConsequences {
    try await withOwnMessage(fault) { _, _, ticket, _ in
      let before = try await desk.store.pool.query(FaultInjector.spoilTicket, [ticket])
      guard let skills = before.first else {
        // An agent may have resolved it, and a sweep may have closed it.
        throw CommandFailure("our own ticket is no longer open")
      }
      let pool = desk.store.pool
      return try await lasting(
        fault.length, finding: "service levels of other tickets stall because of a ticket that no build can read"
      ) {
        try await pool.query(FaultInjector.anyOverdue, [ticket]).isEmpty
      } restoring: {
        try await pool.execute(FaultInjector.restoreTicket, [ticket, skills])
      }
    }
  }

  /// Waits, checks whether the desk works under the fault, and repairs it whether cancelled meanwhile or not.
  /// - Parameters:
  ///   - finding: the finding when the desk does not work within `ChaosBounds.workingPatience`.
  ///   - works: whether it works. An error means that the desk does not answer, and so does not work.
  private func lasting(
    _ length: Duration, finding: String, works: @escaping @Sendable () async throws -> Bool,
    restoring restore: @escaping @Sendable () async throws -> Void
  ) async throws -> FaultConsequences {
    // Its only error is cancellation, which is checked below.
    try? await Task.sleep(for: length)
    let deadline = ContinuousClock.now + ChaosBounds.workingPatience
    var isWorking = false
    while !isWorking, !Task.isCancelled, ContinuousClock.now < deadline {
      isWorking = (try? await works()) ?? false
      if !isWorking { try? await Task.sleep(for: ChaosBounds.lookInterval) }
    }
    // Shielded from cancellation, because the damage must not outlive the fault.
    try await Task.detached { try await restore() }.value
    try Task.checkCancellation()
    return FaultConsequences(findings: isWorking ? [] : [finding])
  }

  /// Locks rows of open tickets, as a long transaction of an operator does.
  func lockTickets(_ fault: Fault) async throws -> FaultConsequences {
    let seconds = fault.length / .seconds(1)
    try await desk.store.pool.executeScript(
      """
      BEGIN;
      SELECT 1 FROM desk.open_ticket ORDER BY opened_at DESC LIMIT \(ChaosBounds.lockedRows) FOR UPDATE SKIP LOCKED;
      SELECT pg_sleep(\(seconds));
      COMMIT;
      """, name: "lock_tickets")
    return FaultConsequences()
  }

  /// Temporarily revokes the services' role's access to a table that one gauge counts. Their work does not need it.
  func failCount(_ fault: Fault) async throws -> FaultConsequences {
    try await withClient { try await failCount(fault, $0) }
  }

  private func failCount(_ fault: Fault, _ client: HTTPClient) async throws -> FaultConsequences {
    let pool = desk.store.pool
    try await pool.executeScript("REVOKE SELECT ON desk.dead_letter FROM desk_service", name: "revoke_count")
    return try await lasting(
      fault.length, finding: "the desk's other gauges are not updated while one fails"
    ) {
      try await isCounted("states", client)
    } restoring: {
      try await pool.executeScript("GRANT SELECT ON desk.dead_letter TO desk_service", name: "grant_count")
    }
  }

  /// Runs a body with a client that is shut down afterwards, whether the body throws or not.
  private func withClient(_ body: (HTTPClient) async throws -> FaultConsequences) async throws -> FaultConsequences {
    let client = try HTTPClient()
    do {
      let consequences = try await body(client)
      await client.shutDown()
      return consequences
    } catch {
      await client.shutDown()
      throw error
    }
  }

  /// Returns whether an sla-watcher shows a count that is no older than its own rhythm allows.
  private func isCounted(_ count: String, _ client: HTTPClient) async throws -> Bool {
    let age = #"frontdesk_gauge_age_seconds{gauge="\#(count)"} "#
    for member in try desk.members(of: .slaWatcher) {
      guard let url = member.operationsURL else { continue }
      let answer = try await client.send(HTTPClient.Request(url: url + "/metrics", timeout: UpBounds.probeTimeout))
      let lines = (String(validating: answer.body, as: UTF8.self) ?? "").split(separator: "\n")
      let ages = lines.filter { $0.hasPrefix(age) }.compactMap { Double($0.dropFirst(age.count)) }
      if ages.contains(where: { .seconds($0) < ChaosBounds.gaugeAge }) { return true }
    }
    return false
  }

  /// Sends far more messages of one customer than anyone reads.
  func growTicket(_ fault: Fault) async throws -> FaultConsequences {
    let path = "\(desk.clients.folder)/big-\(fault.number).txt"
    guard let channel = desk.local.keys.channels().first else { throw CommandFailure("the desk has no channel") }
    let lines = (0..<ChaosBounds.bigTicketMessages).map {
      #"{"channel":"\#(channel)","id":"\#($0)","customer":"chaos-big-\#(fault.number)","text":"And another thing, \#($0)."}"#
    }
    try PrivateFile.write(Data((lines.joined(separator: "\n") + "\n").utf8), path: path)
    defer { unlink(path) }
    let end = await desk.clients.sendFile(
      path, prefix: "chaos-\(desk.clients.seed)-big-\(fault.number)-", by: "http", name: "big-\(fault.number)",
      batch: ChaosBounds.bigTicketBatch)
    if let end, !Task.isCancelled {
      return FaultConsequences(findings: ["a customer with many messages got no answer: \(end)"])
    }
    return FaultConsequences()
  }

  // These statements break rows or look at what was broken, which the desk itself must never do: they are not part of `Store`.

  private static let isUndecided = PostgresStatement(
    "chaos_undecided", "SELECT 1 FROM desk.inbox WHERE message_id = $1"
  ) { row in try row.next(Int32.self) }

  private static let deleteMessage = PostgresStatement<Void>(
    "chaos_delete_message", "DELETE FROM desk.message WHERE id = $1")

  private static let deleteKey = PostgresStatement<Void>(
    "chaos_delete_key", "DELETE FROM desk.message_key WHERE message_id = $1")

  /// Returns the previous value.
  private static let spoilTicket = PostgresStatement(
    "chaos_spoil_ticket",
    """
    UPDATE desk.ticket AS t SET skills = '\(unreadable)' FROM desk.ticket AS before
     WHERE t.id = $1 AND before.id = t.id RETURNING before.skills
    """
  ) { row in try row.next(String.self) }

  /// Another ticket whose next check is overdue by more than a sweep takes.
  private static let anyOverdue = PostgresStatement(
    "chaos_any_overdue",
    "SELECT 1 FROM desk.ticket WHERE next_check_at < now() - interval '2 s' AND id <> $1 LIMIT 1"
  ) { row in try row.next(Int32.self) }

  private static let restoreTicket = PostgresStatement<Void>(
    "chaos_restore_ticket", "UPDATE desk.ticket SET skills = $2 WHERE id = $1 AND skills = '\(unreadable)'")

  /// A skill without its proficiency.
  private static let unreadable = "unreadable"
}
