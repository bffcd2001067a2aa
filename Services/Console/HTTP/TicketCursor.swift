import Crypto
import DeskCore

/// The position after a page of a list of tickets, bound to the filters of the list.
///
/// It is no secret and grants nothing: what a caller may see is decided on every request.
struct TicketCursor: Sendable, Hashable, LosslessStringConvertible {
  /// The last ticket that was examined.
  let last: TicketID
  /// A digest of the filters.
  let filters: UInt64

  init(after last: TicketID, filters: UInt64) {
    self.last = last
    self.filters = filters
  }

  /// The digest of query parameters, in the order of `names`.
  static func digest(of values: [(name: String, value: String?)]) -> UInt64 {
    var hash = SHA256()
    for (name, value) in values {
      guard let value else { continue }
      // Lengths, so that no value can continue in the next name.
      hash.update(data: Array("\(name) \(value.utf8.count) \(value)".utf8))
    }
    return hash.finalize().prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
  }

  /// Parses what `description` writes; nil for anything else.
  init?(_ description: String) {
    let parts = description.split(separator: "_", omittingEmptySubsequences: false)
    guard parts.count == 2, let last = TicketID(String(parts[0])), let filters = UInt64(parts[1], radix: 36) else {
      return nil
    }
    self.init(after: last, filters: filters)
    guard self.description.hasSameBytes(as: description) else { return nil }
  }

  var description: String { "\(last)_\(String(filters, radix: 36))" }
}
