import DeskCore
import Foundation
import Store

/// The audit's record of a sealed range of timelines.
struct TimelineSeal: Equatable {
  /// The audit entry.
  let entry: Int64
  let from: TicketID
  let to: TicketID
  let tickets: Int64
  let events: Int64
  /// 64 hexadecimal digits.
  let digest: String
  let form: AuditStore.SealForm

  private struct Particulars: Decodable {
    let to: String
    let tickets: Int64
    let events: Int64
    let digest: String
    /// Missing in entries of builds before schema 92.
    let form: Int?
  }

  /// Reads an entry; nil for those that seal nothing.
  init?(_ entry: AuditEntry) {
    guard entry.kind == "timeline.sealed", let from = TicketID(entry.subject),
      let particulars = try? JSONDecoder().decode(Particulars.self, from: Data(entry.detail.utf8)),
      let to = TicketID(particulars.to), let form = AuditStore.SealForm(rawValue: particulars.form ?? 1)
    else { return nil }
    self.entry = entry.number
    self.from = from
    self.to = to
    self.form = form
    (tickets, events, digest) = (particulars.tickets, particulars.events, particulars.digest)
  }

  /// Returns the difference from the current state; nil when there is none.
  func difference(from now: TimelineDigest) -> String? {
    guard Hexadecimal.text(now.digest) != digest else { return nil }
    return
      "the timelines of the tickets from \(from) up to \(to), sealed by entry \(entry), were changed: "
      + "\(now.events) entries of \(now.tickets) tickets now, \(events) of \(tickets) then"
  }
}

/// The history dropped by retention, according to the audit.
struct RetentionMark {
  /// Tickets before this one no longer have timelines; nil while all have theirs.
  private(set) var before: TicketID?

  private struct Particulars: Decodable {
    let before: String
  }

  /// Reads an entry.
  mutating func take(_ entry: AuditEntry) {
    guard entry.kind == "retention.dropped", entry.subject.hasPrefix("ticket_event_"),
      let particulars = try? JSONDecoder().decode(Particulars.self, from: Data(entry.detail.utf8)),
      let dropped = TicketID(particulars.before)
    else { return }
    before = before.map { max($0, dropped) } ?? dropped
  }

  /// Returns whether a part of the sealed range has been dropped since.
  func covers(_ seal: TimelineSeal) -> Bool {
    before.map { seal.from < $0 } ?? false
  }
}

/// Hexadecimal text of digests.
enum Hexadecimal {
  static func text(_ bytes: [UInt8]) -> String {
    bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
  }
}
