import DeskCore
import Hummingbird
import ServiceKit
import Store

/// What a request for a page of something long asks: where the page ends and how much it holds at most.
struct PageQuery<Place: LosslessStringConvertible & Sendable>: Sendable {
  /// Only what came before this; nil for the newest page.
  let before: Place?
  let limit: Int

  /// - Parameter most: how many one page may hold, and holds where nothing else is asked.
  /// - Throws: `HTTPProblem` 422 that names every parameter that cannot be taken.
  init(_ call: ConsoleRoutes.Call, most: Int) throws {
    var query = RequestQuery(call.request.uri, known: ["before", "limit"])
    let before = query["before"].map { Place($0) }
    if case .some(nil) = before {
      query.refuse("before", "There is no such place.", remedy: "Send what `next` of the page after it says.")
    }
    let limit = query["limit"].map { Int($0) } ?? most
    if !(limit.map { (1...most).contains($0) } ?? false) {
      query.refuse("limit", "Not a number from 1 to \(most).", remedy: "Send a number from 1 to \(most).")
    }
    guard let limit, query.errors.isEmpty else { throw query.problem("There is no such page.") }
    self.before = before ?? nil
    self.limit = limit
  }
}
