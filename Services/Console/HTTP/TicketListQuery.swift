import DeskCore
import HTTPService
import Hummingbird
import Store
import UntrustedInput

/// The query of `GET /v1/tickets`: filters, position and page size.
struct TicketListQuery: Sendable {
  /// What the tickets must match; without what the caller may see.
  let filter: TicketFilter
  /// The last ticket that was examined for the page before; nil for the first page.
  let after: TicketID?
  /// The maximum size of the page, at least 1.
  let limit: Int
  /// The digest of the filters, for the next page's cursor.
  let digest: UInt64

  /// The states that a live ticket can have.
  static let states = TicketState.allCases.filter { $0 != .closed && $0 != .rejected }

  private static let filters = [
    "state", "queue", "agent", "priority", "late", "escalated", "opened_from", "opened_before", "channel", "customer",
    "text",
  ]

  /// - Throws: `HTTPProblem` 422 that names every invalid parameter.
  init(_ call: ConsoleRoutes.Call) throws {
    var query = RequestQuery(call.request.uri, known: TicketListQuery.filters + ["cursor", "limit"])
    var filter = TicketFilter()
    filter.states = query.list("state", named: TicketListQuery.states.map { ($0.rawValue, $0) })
    filter.priorities = query.list("priority", named: Priority.allCases.map { ($0.name, $0) })
    filter.queues = query.keys("queue")
    filter.agents = query.keys("agent")
    filter.isLate = query.flag("late")
    filter.isEscalated = query.flag("escalated")
    filter.openedFrom = query.time("opened_from")
    filter.openedBefore = query.time("opened_before")
    if let from = filter.openedFrom, let before = filter.openedBefore, before <= from {
      query.refuse("opened_before", "Not after opened_from.", remedy: "Send a later time, or leave one of them out.")
    }
    let channels: [ChannelID] = query.keys("channel", most: 1)
    filter.channel = channels.first
    filter.customer = query.customer("customer")
    if filter.customer != nil, query["channel"] == nil {
      query.refuse(
        "customer", "A customer's id is only known on a channel.", remedy: "Send the parameter channel as well.",
        showsValue: false)
    }
    filter.text = query.searchText("text")
    let digest = TicketCursor.digest(of: TicketListQuery.filters.map { [query] in ($0, query[$0]) })
    let cursor = query["cursor"].map { TicketCursor($0) }
    if case .some(nil) = cursor {
      query.refuse(
        "cursor", "Not a cursor of this list.", remedy: "Send the value of `next` from the page before, unchanged.")
    } else if let cursor = cursor ?? nil, cursor.filters != digest {
      query.refuse(
        "cursor", "The cursor belongs to a list with other filters.",
        remedy: "Send the same filters as for the page before, or leave the cursor out to start again.")
    }
    limit = query.number("limit", within: 1...ConsoleBounds.ticketsPerPage) ?? ConsoleBounds.ticketsPerPage
    guard query.errors.isEmpty else { throw query.problem("The list's parameters are invalid.") }
    self.filter = filter
    self.digest = digest
    after = (cursor ?? nil)?.last
  }
}

// MARK: - Values

extension RequestQuery {
  /// The names in a list that is separated by commas, each one of a set.
  mutating func list<Value>(_ name: String, named values: [(name: String, value: Value)]) -> [Value] {
    guard let text = self[name] else { return [] }
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    let found = parts.prefix(ConsoleBounds.valuesPerFilter).compactMap { part in
      values.first { $0.name.hasSameBytes(as: String(part)) }?.value
    }
    guard found.count == parts.count else {
      refuse(
        name, "Not a list of known values.",
        remedy: "Send one or several of \(values.map(\.name).joined(separator: ", ")), separated by commas.")
      return []
    }
    return found
  }

  /// The policy's names in a list that is separated by commas.
  mutating func keys<Subject>(
    _ name: String, most: Int = ConsoleBounds.valuesPerFilter
  ) -> [Key<Subject>] {
    guard let text = self[name] else { return [] }
    let keys = text.split(separator: ",", maxSplits: most, omittingEmptySubsequences: false).map {
      Key<Subject>(String($0))
    }
    guard keys.count <= most else {
      refuse(
        name, "Too many names.",
        remedy: most == 1 ? "Send one name." : "Send at most \(most) names, separated by commas.")
      return []
    }
    do throws(InputFault) {
      for key in keys { try InputRules.key(key) }
      return keys
    } catch {
      refuse(name, error.detail, remedy: error.remedy)
      return []
    }
  }

  mutating func flag(_ name: String) -> Bool? {
    guard let text = self[name] else { return nil }
    guard let flag = Bool(text) else {
      refuse(name, "Not a boolean.", remedy: "Send true or false, or leave it out for both.")
      return nil
    }
    return flag
  }

  mutating func time(_ name: String) -> Instant? {
    guard let text = self[name] else { return nil }
    guard let time = RFC3339.instant(text) else {
      refuse(name, "Not a time of RFC 3339.", remedy: "Send a time such as 2026-05-04T08:30:00Z, with '+' as %2B.")
      return nil
    }
    return time
  }

  mutating func number(_ name: String, within range: ClosedRange<Int>) -> Int? {
    guard let text = self[name] else { return nil }
    guard let number = Int(text), range.contains(number) else {
      refuse(
        name, "Not a number from \(range.lowerBound) to \(range.upperBound).",
        remedy: "Send a number from \(range.lowerBound) to \(range.upperBound).")
      return nil
    }
    return number
  }

  mutating func customer(_ name: String) -> String? {
    guard let text = self[name] else { return nil }
    do throws(InputFault) {
      try InputRules.customer(text)
      return text
    } catch {
      refuse(name, error.detail, remedy: error.remedy, showsValue: false)
      return nil
    }
  }

  mutating func searchText(_ name: String) -> String? {
    guard let text = self[name] else { return nil }
    let range = ConsoleBounds.searchCharacters
    guard range.contains(text.unicodeScalars.count), !text.isBlank else {
      refuse(
        name, "Not \(range.lowerBound) to \(range.upperBound) characters.",
        remedy: "Send \(range.lowerBound) to \(range.upperBound) characters that are in a message as they stand.",
        showsValue: false)
      return nil
    }
    return text
  }
}
