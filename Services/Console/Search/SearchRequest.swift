import DeskCore
import HTTPService
import Hummingbird
import Store

/// The query of `GET /v1/search`: words, filters, position and page size.
struct SearchRequest: Sendable {
  let query: SearchQuery
  /// What tickets must match besides the words; without what the caller may see.
  let filter: SearchFilter
  /// Where the page begins; nil for the first page.
  let after: SearchPlace?
  /// The maximum size of the page, at least 1.
  let limit: Int
  /// The digest of words and filters, for the next page's cursor.
  let digest: UInt64

  private static let filters = ["q", "state", "queue"]

  /// - Throws: `HTTPProblem` 422 that names every invalid parameter.
  init(_ call: ConsoleRoutes.Call) throws {
    var query = RequestQuery(call.request.uri, known: SearchRequest.filters + ["cursor", "limit"])
    let words = query.words("q")
    var filter = SearchFilter()
    filter.states = query.list("state", named: TicketState.allCases.map { ($0.rawValue, $0) })
    filter.queues = query.keys("queue")
    let digest = TicketCursor.digest(of: SearchRequest.filters.map { [query] in ($0, query[$0]) })
    let cursor = query["cursor"].map { SearchCursor($0) }
    if case .some(nil) = cursor {
      query.refuse(
        "cursor", "Not a cursor of a search.", remedy: "Send the value of `next` from the page before, unchanged.")
    } else if let cursor = cursor ?? nil, cursor.filters != digest {
      query.refuse(
        "cursor", "The cursor belongs to a search for something else.",
        remedy: "Send the same words and filters as for the page before, or leave the cursor out to start again.")
    }
    let range = 1...ConsoleBounds.foundTicketsPerPage
    limit = query.number("limit", within: range) ?? ConsoleBounds.foundTicketsPerPage
    guard query.errors.isEmpty, let words else { throw query.problem("The search's parameters are invalid.") }
    self.query = words
    self.filter = filter
    self.digest = digest
    after = (cursor ?? nil)?.place
  }
}

extension RequestQuery {
  /// What is searched for. It is not repeated in a problem: people search for names.
  fileprivate mutating func words(_ name: String) -> SearchQuery? {
    let range = SearchLimits.queryCharacters
    guard let text = self[name] else {
      // A value that cannot be read has been refused already.
      if !errors.contains(where: { $0.field.hasSameBytes(as: name) }) {
        refuse(
          name, "Missing.", remedy: "Send what to search for, \(range.lowerBound) to \(range.upperBound) characters.")
      }
      return nil
    }
    guard range.contains(text.unicodeScalars.count) else {
      refuse(
        name, "Not \(range.lowerBound) to \(range.upperBound) characters.",
        remedy: "Send \(range.lowerBound) to \(range.upperBound) characters.", showsValue: false)
      return nil
    }
    guard let query = SearchQuery(text) else {
      refuse(
        name, "Contains nothing to search for.",
        remedy: "Send a word, a number or a Chinese character; signs alone are not found.", showsValue: false)
      return nil
    }
    return query
  }
}

/// The position after a page of a search, bound to its words and filters. It is no secret and grants nothing.
struct SearchCursor: Sendable, Hashable, LosslessStringConvertible {
  let place: SearchPlace
  /// A digest of the words and filters.
  let filters: UInt64

  init(_ place: SearchPlace, filters: UInt64) {
    self.place = place
    self.filters = filters
  }

  /// Parses what `description` writes; nil for anything else.
  init?(_ description: String) {
    let parts = description.split(separator: "_", omittingEmptySubsequences: false)
    guard parts.count == 3, let before = MessageID(String(parts[0])), let newest = MessageID(String(parts[1])),
      let filters = UInt64(parts[2], radix: 36)
    else { return nil }
    self.init(SearchPlace(before: before, newest: newest), filters: filters)
    guard self.description.hasSameBytes(as: description) else { return nil }
  }

  var description: String { "\(place.before)_\(place.newest)_\(String(filters, radix: 36))" }
}
