import Crypto
import DeskCore
import Store

/// Walks the audit from its first entry and finds the first that does not fit.
///
/// The digests are taken anew here, in this program, so that it does not matter what the database's own functions have become.
struct AuditChain {
  /// What is wrong, and where first.
  struct Break: Error, Equatable, CustomStringConvertible {
    /// The number of the first entry that does not hold.
    let entry: Int64
    let description: String
  }

  /// The last entry that was found to fit.
  private(set) var last = AuditHead(number: 0, digest: [UInt8](repeating: 0, count: SHA256.byteCount))

  /// Takes the next entry.
  /// - Throws: `Break` when it is not the next one, or was changed.
  mutating func take(_ entry: AuditEntry) throws(Break) {
    guard entry.number == last.number + 1 else {
      throw Break(entry: last.number + 1, description: "entry \(last.number + 1) is missing")
    }
    guard entry.previous == last.digest else {
      throw Break(
        entry: entry.number,
        description: "entry \(entry.number) does not follow what is before it: its past was changed")
    }
    guard Array(SHA256.hash(data: entry.hashedBytes)) == entry.digest else {
      throw Break(entry: entry.number, description: "entry \(entry.number) was changed: its digest is another one's")
    }
    if let remark = entry.remark {
      let digest = Hexadecimal.text(Array(SHA256.hash(data: remark.salt + Array(remark.text.utf8))))
      guard Detail(json: entry.detail)?["reason_sha256"]?.text == digest else {
        throw Break(
          entry: entry.number, description: "the reason kept for entry \(entry.number) is not the one that was given")
      }
    }
    last = AuditHead(number: entry.number, digest: entry.digest)
  }

  /// Compares the end with where the database says that the chain ends.
  /// - Throws: `Break` when entries were cut off, or the end was written anew.
  func end(at head: AuditHead) throws(Break) {
    guard head.number == last.number else {
      let lost = min(head.number, last.number) + 1
      throw Break(
        entry: lost, description: "the chain ends with entry \(last.number), not with \(head.number) as it should")
    }
    guard head.digest == last.digest else {
      throw Break(entry: last.number, description: "the last entry, \(last.number), is not the one that was written")
    }
  }
}
