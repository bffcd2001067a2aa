import Crypto
import DeskCore
import Store

/// Checks the audit chain from its first entry and finds the first entry that breaks it.
///
/// The digests are recomputed in this program, so the check does not depend on the database's own functions.
package struct AuditChain {
  /// The first break of the chain.
  package struct Break: Error, Equatable, CustomStringConvertible {
    /// The number of the first invalid entry.
    package let entry: Int64
    package let description: String
  }

  /// The last valid entry.
  private(set) var last = AuditHead(number: 0, digest: [UInt8](repeating: 0, count: SHA256.byteCount))

  /// Checks the next entry.
  /// - Throws: `Break` when it is not the next one, or was changed.
  mutating func take(_ entry: AuditEntry) throws(Break) {
    guard entry.number == last.number + 1 else {
      throw Break(entry: last.number + 1, description: "entry \(last.number + 1) is missing")
    }
    guard entry.previous == last.digest else {
      throw Break(
        entry: entry.number,
        description: "entry \(entry.number) does not follow its predecessor: earlier entries were changed")
    }
    guard Array(SHA256.hash(data: entry.hashedBytes)) == entry.digest else {
      throw Break(entry: entry.number, description: "entry \(entry.number) was changed: its digest does not match")
    }
    if let reason = entry.reason {
      let digest = Hexadecimal.text(Array(SHA256.hash(data: reason.salt + Array(reason.text.utf8))))
      guard JSONValue(json: entry.detail)?["reason_sha256"]?.text == digest else {
        throw Break(
          entry: entry.number, description: "the reason stored for entry \(entry.number) is not the original one")
      }
    }
    last = AuditHead(number: entry.number, digest: entry.digest)
  }

  /// Compares the last entry with the head of the chain recorded in the database.
  /// - Throws: `Break` when entries were cut off, or the end was rewritten.
  func end(at head: AuditHead) throws(Break) {
    guard head.number == last.number else {
      let lost = min(head.number, last.number) + 1
      throw Break(
        entry: lost, description: "the chain ends with entry \(last.number), not with \(head.number) as recorded")
    }
    guard head.digest == last.digest else {
      throw Break(entry: last.number, description: "the last entry, \(last.number), is not the original one")
    }
  }
}
