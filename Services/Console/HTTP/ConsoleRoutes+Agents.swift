import DeskCore
import Foundation
import HTTPService
import HTTPTypes
import Hummingbird
import ServiceProcess
import Store
import UntrustedInput

// Operations of agents.

extension ConsoleRoutes {
  func me(_ call: Call) async throws -> Response {
    try await row(of: agent(call))
  }

  private func row(of agent: AgentID) async throws -> Response {
    guard let (row, pause) = try await store.matching.agentRow(agent) else {
      throw ConsoleProblem.notFound("agent")
    }
    return Self.json(ConsoleJSON.agent(row, on: pause))
  }

  func setPresence(_ call: Call, of agent: AgentID) async throws -> Response {
    var body = try await JSONBody(call)
    let presence = body.presence("presence")
    let pause = body.pause(now: clock.now())
    try body.finish()
    guard presence == .away || pause == nil else {
      throw ConsoleProblem.contradiction(
        "Only an agent who is away can have a break.", fields: ["reason", "until"],
        remedy: "Leave both out, or set the presence to away.")
    }
    try await desk.setPresence(presence, of: agent, during: pause)
    return try await row(of: agent)
  }

  // MARK: Offers

  func accept(_ call: Call) async throws -> Response {
    let (agent, offer): (AgentID, OfferID) = (try agent(call), try identifier(of: "offer", call))
    let reason = try await JSONBody.reasonIfAny(in: call)
    return Self.json(ConsoleJSON.ticket(try await desk.accept(offer, by: agent, reason: reason)))
  }

  func decline(_ call: Call) async throws -> Response {
    let (agent, offer): (AgentID, OfferID) = (try agent(call), try identifier(of: "offer", call))
    let reason = try await JSONBody.reasonIfAny(in: call)
    return Self.json(ConsoleJSON.ticket(try await desk.decline(offer, by: agent, reason: reason)))
  }

  func stream(_ call: Call) async throws -> Response {
    guard let subscription = await hub.join(try agent(call), with: call.bearer) else { throw Self.tooManyStreams }
    let hub = hub
    return Self.eventStream(subscription.events) { await hub.leave(subscription) }
  }

  // MARK: Tickets

  func reply(_ call: Call) async throws -> Response {
    let agent = try agent(call)
    let ticket: TicketID = try identifier(of: "ticket", call)
    let key = try requestKey(call, agent, ticket)
    let expected = try ExpectedTicket.read(call.request.headers)
    var body = try await JSONBody(call)
    let text = body.words("text", longest: InputBounds.textCharacters)
    let awaitsCustomer = body.flagIfAny("awaits_customer") ?? false
    let files = body.attachments("attachments", most: ConsoleBounds.attachments)
    let attachments = files.isEmpty ? nil : JSONValue.list(files).json
    let acknowledged: Set<ReplyRuleID> = body.keys("acknowledge", most: ConsoleBounds.acknowledgements)
    try body.finish()
    let seen = try await sight(of: ticket, call).live
    let reply = ReplyInspector.Reply(
      text: text, fileNames: files.flatMap(Self.readable), acknowledged: acknowledged)
    let language = StaffLanguage(
      accepting: call.request.headers[.acceptLanguage], of: policy.current?.agents[agent])
    let written = try await desk.reply(
      reply, awaitsCustomer: awaitsCustomer, attachments: attachments, on: ticket, from: seen, by: agent,
      language: language, expecting: expected, key: key)
    return try await self.written(written.message, written.ticket, isRepetition: written.isRepetition)
  }

  /// What a customer can read of a file reference: its name, and its address without percent-encoding.
  private static func readable(_ file: JSONValue) -> [String] {
    let address = file["url"]?.text
    return [file["name"]?.text, address?.removingPercentEncoding ?? address].compactMap(\.self)
  }

  func note(_ call: Call) async throws -> Response {
    let agent = try agent(call)
    let ticket: TicketID = try identifier(of: "ticket", call)
    let key = try requestKey(call, agent, ticket)
    let expected = try ExpectedTicket.read(call.request.headers)
    var body = try await JSONBody(call)
    let text = body.words("text", longest: InputBounds.textCharacters)
    try body.finish()
    let seen = try await sight(of: ticket, call).live
    let written = try await desk.note(text, on: ticket, from: seen, by: agent, expecting: expected, key: key)
    return try await self.written(written.message, written.ticket, isRepetition: written.isRepetition)
  }

  private func requestKey(_ call: Call, _ agent: AgentID, _ ticket: TicketID) throws -> RequestKey? {
    try IdempotencyKey.read(call.request.headers).map {
      RequestKey($0, scope: [agent.rawValue, ticket.description])
    }
  }

  private func written(_ message: MessageID, _ ticket: Ticket?, isRepetition: Bool) async throws -> Response {
    var response = Self.json(
      .object([
        .init("message_id", .text(message.description)),
        .init("ticket", ticket.map { ConsoleJSON.ticket($0) } ?? .null),
      ]), status: isRepetition ? .ok : .created)
    if let ticket { response.headers[.eTag] = try await desk.tag(of: ticket).field }
    return response
  }

  func resolve(_ call: Call) async throws -> Response {
    let agent = try agent(call)
    let ticket: TicketID = try identifier(of: "ticket", call)
    let expected = try ExpectedTicket.read(call.request.headers)
    let reason = try await JSONBody.reasonIfAny(in: call)
    let seen = try await sight(of: ticket, call).live
    return try await changed(try await desk.resolve(ticket, from: seen, by: agent, reason: reason, expecting: expected))
  }

  func ticket(_ call: Call) async throws -> Response {
    let id: TicketID = try identifier(of: "ticket", call)
    let (seen, isConsulted) = try await readingSight(of: id, call)
    // Before the conversation: a message in between makes the tag outdated, which the next act reports.
    var tag: TicketTag?
    if case .live(let ticket) = seen { tag = try await desk.tag(of: ticket) }
    let surroundings = try await TicketContext(of: id, in: store, under: policy.current)
    switch seen {
    case .live(let ticket):
      let language = ticket.labels?.language ?? "und"
      // A consult is about the conversation; what else is known of the customer is not shown for it.
      let crm = isConsulted ? nil : try await lookUp(of: ticket.owner, call)
      var response = Self.json(
        ConsoleJSON.whole(ConsoleJSON.ticket(ticket), surroundings, language: language, crm: crm))
      response.headers[.eTag] = tag?.field
      return response
    case .over(let ticket):
      let crm = try await lookUp(of: Correspondent(ticket.customer, on: ticket.channel), call)
      return Self.json(ConsoleJSON.whole(ConsoleJSON.ticket(ticket), surroundings, language: "und", crm: crm))
    }
  }

  /// An older page of the conversation.
  func messages(_ call: Call) async throws -> Response {
    let id: TicketID = try identifier(of: "ticket", call)
    let page = try PageQuery<MessageID>(call, most: ConsoleBounds.messagesPerPage)
    _ = try await readingSight(of: id, call)
    let messages = try await TicketContext.messages(of: id, in: store, before: page.before, limit: page.limit)
    return Self.json(ConsoleJSON.messages(messages, of: id))
  }

  func timeline(_ call: Call) async throws -> Response {
    let id: TicketID = try identifier(of: "ticket", call)
    let page = try PageQuery<TimelinePlace>(call, most: ConsoleBounds.entriesPerPage)
    _ = try await sight(of: id, call)
    let entries = try await store.conversations.timelinePage(of: id, before: page.before, limit: page.limit)
    return Self.json(text: ConsoleJSON.timeline(entries, of: id))
  }

  /// - Throws: as `sight`.
  func requireSight(of id: TicketID, _ call: Call) async throws { _ = try await sight(of: id, call) }

  // MARK: Visibility

  enum Sight {
    case live(Ticket)
    case over(ClosedTicket)

    var live: Ticket? { if case .live(let ticket) = self { ticket } else { nil } }
  }

  /// Returns the ticket, if the bearer may see it.
  /// - Throws: `HTTPProblem` 404, the same for a ticket that does not exist and for one that may not be seen.
  func sight(of id: TicketID, _ call: Call) async throws -> Sight {
    if let ticket = try await store.tickets.tickets([id])[id], sees(call.bearer, ticket) { return .live(ticket) }
    if let ticket = try await store.conversations.closedTicket(id), sees(call.bearer, queue: ticket.queue) {
      return .over(ticket)
    }
    throw ConsoleProblem.notFound("ticket")
  }

  /// An agent sees tickets that they have, had last, are offered or call back, and those in queues that their teams serve. All others
  /// see all.
  private func sees(_ bearer: APIKey, _ ticket: Ticket) -> Bool {
    let caller = ticket.callBack?.isUnfinished == true ? ticket.callBack?.owner : nil
    if let agent = bearer.agent, [ticket.agent, ticket.lastAgent, ticket.offer?.agent, caller].contains(agent) {
      return true
    }
    return sees(bearer, queue: ticket.queue)
  }

  func sees(_ bearer: APIKey, _ trace: CustomerTrace) -> Bool {
    (trace.agent != nil && trace.agent == bearer.agent) || sees(bearer, queue: trace.queue)
  }

  func sees(_ bearer: APIKey, queue: QueueID?) -> Bool {
    guard bearer.role == .agent else { return true }
    guard let policy = policy.current, let profile = bearer.agent.flatMap({ policy.agents[$0] }),
      let teams = queue.flatMap({ policy.queues[$0] })?.teams
    else { return false }
    return teams.isEmpty || !teams.isDisjoint(with: profile.teams)
  }
}
