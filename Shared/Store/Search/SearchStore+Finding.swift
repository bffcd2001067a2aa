public import DeskCore
import PostgreSQL

extension SearchStore {
  /// Returns the tickets with a message that matches, those with the newest such message first. A ticket that was merged into another one
  /// is found as that one.
  ///
  /// The newest days are searched first, so that frequent words are found without reading all messages that contain them. A page examines
  /// at most `StoreBounds.matchesExaminedPerPage` matches and can be short, even empty, although there are more.
  ///
  /// - Parameters:
  ///   - place: `next` of the page before; nil for the first page.
  ///   - limit: the maximum number of tickets, at least 1.
  ///   - now: the database's time.
  ///   - timeout: how long it may take altogether. A search that has found something by then returns it.
  /// - Throws: `PostgresError`, with code `timedOut` when nothing was found in time.
  public func find(
    _ query: SearchQuery, _ filter: SearchFilter, after place: SearchPlace? = nil, limit: Int, now: Instant,
    timeout: Duration
  ) async throws -> SearchPage {
    let deadline = ContinuousClock.now + timeout
    var found: [FoundTicket] = []
    var newest = place?.newest
    var end = place?.before ?? SearchWindows.end
    for floor in SearchWindows.floors(now: now, below: end) {
      do {
        let matches = try await matches(of: query, from: floor, before: end, until: deadline)
        let left = Int64(limit + 1 - found.count)
        found += try await pool.query(
          SearchStatement.tickets.opening(words),
          [
            matches, end, floor, filter.sight?.agent, filter.sight?.queues ?? [], filter.states, filter.queues, newest,
            query.condition, left, Int32(SearchLimits.textCharacters + 1),
          ], timeout: SearchWindows.left(until: deadline))
        newest = newest ?? matches.first
        if found.count > limit {
          return SearchPage(tickets: Array(found.prefix(limit)), before: found[limit - 1].message, newest)
        }
        if matches.count == StoreBounds.matchesExaminedPerPage {
          return SearchPage(tickets: found, before: matches[matches.count - 1], newest)
        }
        // A ticket that is named has been found where its newest message is.
        if query.ticket != nil, !matches.isEmpty { break }
      } catch let error as PostgresError where error.code == .timedOut && !found.isEmpty {
        return SearchPage(tickets: found, before: end, newest)
      }
      end = floor
    }
    return SearchPage(tickets: found, next: nil)
  }

  /// Returns customers whose name matches and who have a ticket that the searcher may see, those who wrote last first.
  ///
  /// - Parameters: as `find`; `limit` is the maximum number of customers.
  /// - Throws: `PostgresError`.
  public func customers(
    named query: SearchQuery, seenBy sight: TicketFilter.Sight?, limit: Int, now: Instant, timeout: Duration
  ) async throws -> [FoundCustomer] {
    let deadline = ContinuousClock.now + timeout
    var found: [FoundCustomer] = []
    var end = SearchWindows.end
    for floor in SearchWindows.floors(now: now, below: end) where found.count < limit {
      do {
        let matches = try await pool.query(
          SearchStatement.matches, [query.nameCondition, end, floor, Int64(StoreBounds.matchesExaminedPerPage)],
          timeout: SearchWindows.left(until: deadline))
        let rows = try await pool.query(
          SearchStatement.customers, [matches, end, floor, sight?.agent, sight?.queues ?? [], Int64(limit)],
          timeout: SearchWindows.left(until: deadline))
        for row in rows
        where !found.contains(where: { $0.channel == row.channel && $0.customer.hasSameBytes(as: row.customer) }) {
          found.append(row)
        }
      } catch let error as PostgresError where error.code == .timedOut && !found.isEmpty {
        break
      }
      end = floor
    }
    return Array(found.prefix(limit))
  }

  /// The matches in a span of time, newest first.
  private func matches(
    of query: SearchQuery, from floor: MessageID, before end: MessageID, until deadline: ContinuousClock.Instant
  ) async throws -> [MessageID] {
    if let ticket = query.ticket {
      return try await pool.query(
        SearchStatement.newestMessage, [ticket, end], timeout: SearchWindows.left(until: deadline)
      ).filter { $0 >= floor }
    }
    return try await pool.query(
      SearchStatement.matches, [query.condition, end, floor, Int64(StoreBounds.matchesExaminedPerPage)],
      timeout: SearchWindows.left(until: deadline))
  }
}

extension SearchPage {
  /// A page with more behind it.
  fileprivate init(tickets: [FoundTicket], before: MessageID, _ newest: MessageID?) {
    self.init(tickets: tickets, next: SearchPlace(before: before, newest: newest ?? before))
  }
}

/// The spans of time that are searched one after the other.
private enum SearchWindows {
  /// Behind every message.
  static let end = MessageID(high: .max, low: .max)

  /// Where each span begins, newest first; the last one at the beginning of time.
  static func floors(now: Instant, below end: MessageID) -> [MessageID] {
    StoreBounds.searchSpans.map { floor(now - $0) }.filter { $0 < end } + [MessageID(high: 0, low: 0)]
  }

  private static func floor(_ instant: Instant) -> MessageID {
    MessageID(high: UInt64(min(max(0, instant.milliseconds), 0xFFFF_FFFF_FFFF)) << 16, low: 0)
  }

  /// A little at least, so that the database says that the time is over.
  static func left(until deadline: ContinuousClock.Instant) -> Duration {
    max(.milliseconds(10), deadline - .now)
  }
}
