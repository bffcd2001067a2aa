import CommandLineTool
import DeskCore
import Foundation
import Store
import TestStore
import Testing

@testable import Administration

/// The lost desk's audit beside the restored one.
@Suite struct LostAuditTests {
  private func line(_ entry: AuditEntry, digest: String? = nil) -> String {
    JSONValue.object([
      .init("number", .integer(entry.number)), .init("kind", .text(entry.kind)), .init("subject", .text(entry.subject)),
      .init("digest", .text(digest ?? Hexadecimal.text(entry.digest))),
    ]).json
  }

  private func parse(_ lines: [String]) throws -> LostAudit {
    try LostAudit.parse(Data(lines.map { $0 + "\n" }.joined().utf8), path: "f")
  }

  @Test func linesAreReadInAnyOrderAndOnce() throws {
    let one = #"{"number":1,"kind":"a","subject":"s","digest":"d"}"#
    let two = #"{"number":2,"kind":"b","subject":"t","digest":"e","more":true}"#
    #expect(try parse([two, one, "", two]).entries.map(\.number) == [1, 2])
    for (lines, problem) in [
      ([one, "{"], "line 2, column 1: this is not an audit entry"),
      ([#"{"number":0,"kind":"a","subject":"s","digest":"d"}"#], "line 1, column 1: this is not"),
      ([one, one.replacing("\"d\"", with: "\"x\"")], "line 2, column 1: entry 1 is there twice"),
    ] {
      let error = #expect(throws: CommandFailure.self) { try parse(lines) }
      #expect(error?.status == .wrongCall && error?.problem.contains(problem) == true, "\(error?.problem ?? "none")")
    }
  }

  @Test func entriesBeyondTheRestoredHeadAreMissing() async throws {
    try await TestDatabase.with(connections: 2) { store in
      for number in 1...5 { try await store.audit.note("test", of: "\(number)", detail: .object([])) }
      let kept = try await store.audit.auditEntries(after: 0, limit: 1000)
      let head = try #require(kept.last)
      var lost = head
      lost.number += 1
      lost.kind = "key.revoked"
      let audit = try parse((kept + [lost]).reversed().map { line($0) })
      #expect(try await audit.missing(from: store, before: nil).map(\.kind) == ["key.revoked"])

      // The restored desk goes on: its own entries take the numbers of the lost ones.
      let settled = try #require(try await store.settled())
      #expect(settled.entry == lost.number)
      #expect(try await audit.missing(from: store, before: settled.entry).map(\.kind) == ["key.revoked"])
      await #expect(throws: AuditChain.Break.self) { try await audit.missing(from: store, before: nil) }
    }
  }

  @Test func anotherHistoryIsABreakAtTheFirstDifference() async throws {
    try await TestDatabase.with(connections: 2) { store in
      for number in 1...5 { try await store.audit.note("test", of: "\(number)", detail: .object([])) }
      let kept = try await store.audit.auditEntries(after: 0, limit: 1000)
      let changed = kept[kept.count - 2]
      let audit = try parse(kept.map { $0 == changed ? line($0, digest: "00") : line($0) })
      let broken = await #expect(throws: AuditChain.Break.self) { try await audit.missing(from: store, before: nil) }
      #expect(broken?.entry == changed.number)
    }
  }
}

extension DeskStore {
  fileprivate func settled() async throws -> RestoredServer.Settling? {
    _ = try await restores.settle(restoredTo: Instant(seconds: 1_800_000_000))
    return try await restores.server().settled
  }
}
