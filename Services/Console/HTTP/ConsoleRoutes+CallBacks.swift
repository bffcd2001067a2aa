import DeskCore
import HTTPService
import Hummingbird
import ServiceProcess
import Store

// Call-backs.

extension ConsoleRoutes {
  /// Everyone but agents lists all call-backs; an agent their own and those of the tickets that they may open.
  func callBacks(_ call: Call) async throws -> Response {
    let query = try CallBackListQuery(call)
    var filter = query.filter
    if query.isMine { filter.owner = try agent(call) }
    filter.sight = try sightOfLists(call)
    let page = try await store.callBacks.list(filter, after: query.after, limit: query.limit)
    return Self.json(ConsoleJSON.callBacks(page))
  }

  func setCallBack(_ call: Call) async throws -> Response {
    let hand = try ActingAgent(agent(call), leads: call.bearer.role == .lead)
    let id: TicketID = try identifier(of: "ticket", call)
    guard let number = Int32(try RequestPath.value("number", in: call.parameters)), number > 0 else {
      throw ConsoleProblem.notFound("call-back")
    }
    var body = try await JSONBody(call)
    let due = body.timestamp("due_at")
    let owner: AgentID? = body.key("owner")
    let outcomes: [(String, CallBack.State?)] = [("kept", .kept), ("broken", .broken)]
    let outcome = body.isMissing("state") ? nil : body.choice("state", among: outcomes, other: nil)
    let reason = body.wordsIfAny("reason", longest: ConsoleBounds.reasonCharacters)
    try body.finish()
    _ = try await sight(of: id, call)
    let wanted = AgentDesk.CallBackRequest(dueAt: due, owner: owner, outcome: outcome, reason: reason)
    return Self.json(ConsoleJSON.ticket(try await desk.setCallBack(number, of: id, wanted, by: hand)))
  }

  /// What an agent sees in lists; nil for all others, who see everything.
  func sightOfLists(_ call: Call) throws -> TicketFilter.Sight? {
    guard call.bearer.role == .agent else { return nil }
    let queues = policy.current?.queues.keys.filter { sees(call.bearer, queue: $0) } ?? []
    return TicketFilter.Sight(agent: try agent(call), queues: queues.sorted())
  }
}
