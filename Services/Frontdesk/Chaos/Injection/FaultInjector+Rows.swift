import Curl
import DeskCore
import Foundation
import PostgreSQL
import Store

/// Rows that a service must not stumble over. What is spoiled is of a customer of our own, so that no one else's ticket suffers.
extension FaultInjector {
  /// Hands in messages that no file of acknowledgements gets to know, because their rows are not left alone.
  private func handIn(_ messages: [OutgoingMessage], channel: ChannelID, _ client: HTTPClient) async throws
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

  /// Runs a body with a message of our own that has been decided.
  private func withOwnMessage(
    _ fault: Fault, _ body: (OutgoingMessage, MessageID, TicketID, HTTPClient) async throws -> Aftermath
  ) async throws -> Aftermath {
    guard let channel = desk.local.keys.channels().first else { throw CommandFailure("the desk has no channel") }
    let message = OutgoingMessage(
      channel: channel, id: "chaos-\(desk.clients.seed)-own-\(fault.number)",
      customer: "chaos-own-\(fault.number)", text: "Where is my parcel?")
    let client = try HTTPClient()
    do {
      let fates = try await handIn([message], channel: channel, client)
      guard case .acknowledged(let id, let ticket, _)? = fates.first, let messageID = MessageID(id),
        let ticketID = TicketID(ticket)
      else { throw CommandFailure("a message of our own was not taken: \(fates)") }
      let deadline = ContinuousClock.now + ChaosBounds.decisionPatience
      while try await !desk.store.pool.query(FaultInjector.isUndecided, [messageID]).isEmpty {
        guard ContinuousClock.now < deadline else { throw CommandFailure("a message of our own was not decided") }
        try await Task.sleep(for: ChaosBounds.lookInterval)
      }
      let aftermath = try await body(message, messageID, ticketID, client)
      await client.shutDown()
      return aftermath
    } catch {
      await client.shutDown()
      throw error
    }
  }

  /// The message's row is deleted, as retention drops a day; its key comes again among messages that are new, which must all be taken.
  func sendAmongNeighbours(_ fault: Fault) async throws -> Aftermath {
    try await withOwnMessage(fault) { message, id, _, client in
      try await desk.store.pool.execute(FaultInjector.deleteMessage, [id])
      let neighbours = (0..<ChaosBounds.neighbours).map { number in
        OutgoingMessage(
          channel: message.channel, id: "\(message.id)-\(number)", customer: "\(message.customer)-\(number)",
          text: message.text)
      }
      let fates = try await handIn(neighbours + [message], channel: message.channel, client)
      // The key is of no use to anybody any more.
      try await desk.store.pool.execute(FaultInjector.deleteKey, [id])
      let refused = fates.dropLast().filter { fate in
        if case .acknowledged = fate { false } else { true }
      }
      guard let first = refused.first else { return Aftermath() }
      return Aftermath(findings: [
        "\(refused.count) of \(neighbours.count) messages were not taken in a batch with one whose row is gone: \(first)"
      ])
    }
  }

  /// A ticket's skills become what no build has written, for a while.
  func spoilTicket(_ fault: Fault) async throws -> Aftermath {
    try await withOwnMessage(fault) { _, _, ticket, _ in
      let before = try await desk.store.pool.query(FaultInjector.spoilTicket, [ticket])
      guard let skills = before.first else {
        // An agent may have resolved it, and a sweep closed it.
        throw CommandFailure("the ticket of our own is not open any more")
      }
      let pool = desk.store.pool
      return try await lasting(
        fault.length, finding: "service levels of other tickets stand still beside a ticket that no build can read"
      ) {
        try await pool.query(FaultInjector.anyOverdue, [ticket]).isEmpty
      } restoring: {
        try await pool.execute(FaultInjector.restoreTicket, [ticket, skills])
      }
    }
  }

  /// Waits, looks whether the desk works under the fault, and puts things right whether it was cancelled meanwhile or not.
  /// - Parameters:
  ///   - finding: what is found when the desk does not come to work within `ChaosBounds.workingPatience`.
  ///   - works: whether it does. An error is that the desk does not answer, and so that it does not.
  private func lasting(
    _ length: Duration, finding: String, works: @escaping @Sendable () async throws -> Bool,
    restoring restore: @escaping @Sendable () async throws -> Void
  ) async throws -> Aftermath {
    // Its only error is that of cancellation, which is looked for below.
    try? await Task.sleep(for: length)
    let deadline = ContinuousClock.now + ChaosBounds.workingPatience
    var isWorking = false
    while !isWorking, !Task.isCancelled, ContinuousClock.now < deadline {
      isWorking = (try? await works()) ?? false
      if !isWorking { try? await Task.sleep(for: ChaosBounds.lookInterval) }
    }
    // Shielded from it, for what was spoiled must not outlive the fault.
    try await Task.detached { try await restore() }.value
    try Task.checkCancellation()
    return Aftermath(findings: isWorking ? [] : [finding])
  }

  /// Locks rows of tickets that are open, as a long transaction of an operator does.
  func lockTickets(_ fault: Fault) async throws -> Aftermath {
    let seconds = fault.length / .seconds(1)
    try await desk.store.pool.executeScript(
      """
      BEGIN;
      SELECT 1 FROM desk.open_ticket ORDER BY opened_at DESC LIMIT \(ChaosBounds.lockedRows) FOR UPDATE SKIP LOCKED;
      SELECT pg_sleep(\(seconds));
      COMMIT;
      """, name: "lock_tickets")
    return Aftermath()
  }

  /// The services' role may not read what one of the gauges counts, for a while. What they do does not need it.
  func failCount(_ fault: Fault) async throws -> Aftermath {
    let pool = desk.store.pool
    let client = try HTTPClient()
    let begin = ContinuousClock.now
    try await pool.executeScript("REVOKE SELECT ON desk.dead_letter FROM desk_service", name: "revoke_count")
    let aftermath = try await lasting(
      fault.length, finding: "the other gauges of the desk are not counted while one cannot be"
    ) {
      try await isCounted("states", since: begin, client)
    } restoring: {
      try await pool.executeScript("GRANT SELECT ON desk.dead_letter TO desk_service", name: "grant_count")
    }
    await client.shutDown()
    return aftermath
  }

  /// Whether an sla-watcher shows figures of a count that were made after a moment.
  private func isCounted(_ count: String, since moment: ContinuousClock.Instant, _ client: HTTPClient) async throws
    -> Bool
  {
    let age = #"frontdesk_gauge_age_seconds{gauge="\#(count)"} "#
    for member in try desk.members(of: .slaWatcher) {
      guard let url = member.operationsURL else { continue }
      let answer = try await client.send(HTTPClient.Request(url: url + "/metrics", timeout: UpBounds.probeTimeout))
      let lines = (String(validating: answer.body, as: UTF8.self) ?? "").split(separator: "\n")
      let ages = lines.filter { $0.hasPrefix(age) }.compactMap { Double($0.dropFirst(age.count)) }
      if ages.contains(where: { .seconds($0) < ContinuousClock.now - moment }) { return true }
    }
    return false
  }

  /// One customer writes far more than anybody reads.
  func growTicket(_ fault: Fault) async throws -> Aftermath {
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
    if let end, !Task.isCancelled { return Aftermath(findings: ["a customer who writes a lot had no answer: \(end)"]) }
    return Aftermath()
  }

  private static let isUndecided = PostgresStatement(
    "chaos_undecided", "SELECT 1 FROM desk.inbox WHERE message_id = $1"
  ) { row in try row.next(Int32.self) }

  private static let deleteMessage = PostgresStatement<Void>(
    "chaos_delete_message", "DELETE FROM desk.message WHERE id = $1")

  private static let deleteKey = PostgresStatement<Void>(
    "chaos_delete_key", "DELETE FROM desk.message_key WHERE message_id = $1")

  /// Returns what stood there.
  private static let spoilTicket = PostgresStatement(
    "chaos_spoil_ticket",
    """
    UPDATE desk.ticket AS t SET skills = '\(unreadable)' FROM desk.ticket AS before
     WHERE t.id = $1 AND before.id = t.id RETURNING before.skills
    """
  ) { row in try row.next(String.self) }

  /// A ticket but this one whose next check is overdue by more than a sweep takes.
  private static let anyOverdue = PostgresStatement(
    "chaos_any_overdue",
    "SELECT 1 FROM desk.ticket WHERE next_check_at < now() - interval '2 s' AND id <> $1 LIMIT 1"
  ) { row in try row.next(Int32.self) }

  private static let restoreTicket = PostgresStatement<Void>(
    "chaos_restore_ticket", "UPDATE desk.ticket SET skills = $2 WHERE id = $1 AND skills = '\(unreadable)'")

  /// A skill without its proficiency.
  private static let unreadable = "unreadable"
}
