import DeskCore
import HTTPService
import Hummingbird
import Store

/// The query of `GET /v1/callbacks`: filters, position and page size.
struct CallBackListQuery: Sendable {
  /// What the call-backs must match; without what the caller may see.
  let filter: CallBackFilter
  /// Whether only those that the caller owns are asked for.
  let isMine: Bool
  /// The place after the page before; nil for the first page.
  let after: CallBackPlace?
  /// The maximum size of the page, at least 1.
  let limit: Int

  private static let names = [
    "mine", "owner", "queue", "state", "finished", "due_from", "due_before", "cursor", "limit",
  ]

  /// - Throws: `HTTPProblem` 422 that names every invalid parameter.
  init(_ call: ConsoleRoutes.Call) throws {
    var query = RequestQuery(call.request.uri, known: CallBackListQuery.names)
    var filter = CallBackFilter()
    isMine = query.flag("mine") ?? false
    if isMine, call.bearer.agent == nil {
      query.refuse("mine", "This key is not an agent's.", remedy: "Send the agent as owner, or leave it out for all.")
    }
    let owners: [AgentID] = query.keys("owner", most: 1)
    filter.owner = owners.first
    if isMine, filter.owner != nil {
      query.refuse("owner", "The parameter mine names the owner already.", remedy: "Send one of the two.")
    }
    filter.queues = query.keys("queue")
    filter.states = query.list("state", named: CallBack.State.allCases.map { ($0.rawValue, $0) })
    filter.isUnfinished = query.flag("finished").map { !$0 } ?? (query["state"] == nil ? true : nil)
    filter.dueFrom = query.time("due_from")
    filter.dueBefore = query.time("due_before")
    let cursor = query["cursor"].map { CallBackPlace($0) }
    if case .some(nil) = cursor {
      query.refuse(
        "cursor", "Not a cursor of this list.", remedy: "Send the value of `next` from the page before, unchanged.")
    }
    limit = query.number("limit", within: 1...ConsoleBounds.callBacksPerPage) ?? ConsoleBounds.callBacksPerPage
    guard query.errors.isEmpty else { throw query.problem("The list's parameters are invalid.") }
    self.filter = filter
    after = cursor ?? nil
  }
}
