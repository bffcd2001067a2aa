import DeskCore
import HTTPService
import Hummingbird
import Store

/// The query of a paged request: where the page ends and its maximum size.
struct PageQuery<Position: LosslessStringConvertible & Sendable>: Sendable {
  /// Only what came before this position; nil for the newest page.
  let before: Position?
  /// The maximum size of the page, at least 1.
  let limit: Int

  /// - Parameter most: the maximum and default page size.
  /// - Throws: `HTTPProblem` 422 that names every invalid parameter.
  init(_ call: ConsoleRoutes.Call, most: Int) throws {
    var query = RequestQuery(call.request.uri, known: ["before", "limit"])
    let before = query["before"].map { Position($0) }
    if case .some(nil) = before {
      query.refuse("before", "Not a valid page position.", remedy: "Send the value of `next` from the following page.")
    }
    let limit = query["limit"].map { Int($0) } ?? most
    if limit.map({ !(1...most).contains($0) }) ?? true {
      query.refuse("limit", "Not a number from 1 to \(most).", remedy: "Send a number from 1 to \(most).")
    }
    guard let limit, query.errors.isEmpty else { throw query.problem("The page parameters are invalid.") }
    self.before = before ?? nil
    self.limit = limit
  }
}
