import CommandLineTool
import DeskCore
import Foundation
import Store

/// The audit of the lost desk as it was kept elsewhere, printed by `frontdesk audit list --json`, compared with the restored chain.
///
/// The restored chain must be a beginning of it. What it has beyond was done after the moment, and is undone.
struct LostAudit: Sendable {
  /// An entry as it was printed.
  struct Entry: Sendable, Equatable {
    let number: Int64
    let kind: String
    let subject: String
    let digest: String
  }

  /// The entries by number, each once.
  let entries: [Entry]

  /// Entries compared per statement.
  private static let pageSize = AuditCommand.pageSize

  /// Reads lines of JSON in any order, with repetitions.
  /// - Throws: `CommandFailure` with the line.
  static func read(path: String) throws -> LostAudit {
    guard let bytes = FileManager.default.contents(atPath: path) else {
      throw CommandFailure(
        "cannot read \(path)", remedy: "name a file that `frontdesk audit list --json` has written", status: .wrongCall)
    }
    return try parse(bytes, path: path)
  }

  static func parse(_ bytes: Data, path: String) throws -> LostAudit {
    var entries: [Int64: Entry] = [:]
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (place, line) in lines.enumerated() where !line.isEmpty {
      guard let text = String(validating: line, as: UTF8.self), let value = JSONValue(json: text),
        let number = value["number"]?.integer, number > 0, let kind = value["kind"]?.text,
        let subject = value["subject"]?.text, let digest = value["digest"]?.text
      else {
        throw CommandFailure(
          "\(path), line \(place + 1), column 1: this is not an audit entry",
          remedy: "keep the lines of `frontdesk audit list --json` whole", status: .wrongCall)
      }
      let entry = Entry(number: number, kind: kind, subject: subject, digest: digest)
      if let former = entries.updateValue(entry, forKey: number), former != entry {
        throw CommandFailure(
          "\(path), line \(place + 1), column 1: entry \(number) is there twice, and the two differ",
          remedy: "give the entries of one desk only, from before its restore", status: .wrongCall)
      }
    }
    return LostAudit(entries: entries.values.sorted { $0.number < $1.number })
  }

  /// Returns the entries that the restored desk does not have.
  /// - Parameter end: the entry that settled the restored desk; nil when none has. Its own history begins with it, unless the lost desk
  ///   had that entry too: then it is of a restore before.
  /// - Throws: `AuditChain.Break` at the first entry that differs.
  func missing(from store: DeskStore, before end: Int64?) async throws -> [Entry] {
    let head = try await store.audit.auditHead().number
    var end = end ?? .max
    if let kept = entries.first(where: { $0.number == end }),
      let here = try await store.audit.auditEntries(after: end - 1, limit: 1).first, here.number == end,
      Hexadecimal.text(here.digest) == kept.digest
    {
      end = .max
    }
    let shared = entries.prefix { $0.number <= head && $0.number < end }
    var place = shared.startIndex
    while place < shared.endIndex {
      let page = try await store.audit.auditEntries(after: shared[place].number - 1, limit: LostAudit.pageSize)
      guard let last = page.last?.number else { break }
      let digests = Dictionary(
        page.map { ($0.number, Hexadecimal.text($0.digest)) }, uniquingKeysWith: { first, _ in first })
      while place < shared.endIndex, shared[place].number <= last {
        guard digests[shared[place].number] == shared[place].digest else {
          throw AuditChain.Break(
            entry: shared[place].number,
            description: "entry \(shared[place].number) is not the one that was kept elsewhere")
        }
        place += 1
      }
    }
    return Array(entries[shared.endIndex...])
  }
}
