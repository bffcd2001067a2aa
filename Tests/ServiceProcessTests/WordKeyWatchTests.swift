import Foundation
import Logging
import Sealing
import ServiceHealth
import Store
import TestKit
import TestStore
import Testing

@testable import ServiceProcess

/// A process that cannot read the words of its desk is not ready, and says why.
@Suite struct WordKeyWatchTests {
  private let first = KeyRing.freshLine(name: "first") + "\n"
  private let second = KeyRing.freshLine(name: "second") + "\n"

  private func watch(_ source: WordKeySource?, _ store: DeskStore, _ health: HealthState) -> WordKeyWatch {
    WordKeyWatch(source: source, store: store, health: health, logger: Logger(label: "test"))
  }

  private func reason(_ health: HealthState) -> String? {
    health.report.conditions.first { $0.name == "words" }?.reason
  }

  /// A process whose key file, which has the first key, is read at each look.
  private struct KeyedProcess {
    let path: String
    let source: WordKeySource
    let watch: WordKeyWatch
    let health: HealthState
  }

  private func withFile(_ body: (DeskStore, KeyedProcess) async throws -> Void) async throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let path = folder.path("keys")
    try first.write(toFile: path, atomically: true, encoding: .utf8)
    try await TestDatabase.with(connections: 2) { store in
      let health = HealthState()
      let source = try #require(try await WordKeySource.read(file: path, command: nil, pause: .zero))
      try await body(
        store, KeyedProcess(path: path, source: source, watch: watch(source, store, health), health: health))
    }
  }

  @Test func aDeskWithoutSealedWordsNeedsNoKeys() async throws {
    try await TestDatabase.with(connections: 2) { store in
      let health = HealthState()
      _ = try await watch(nil, store, health).round()
      #expect(health.report.ready)
    }
  }

  @Test func aProcessWithoutTheKeysIsNotReady() async throws {
    try await TestDatabase.with(connections: 2) { store in
      try await store.wordKeys.register(try WordKeys(text: first))
      let health = HealthState()
      await #expect(throws: WordSealError.self) { try await watch(nil, store, health).round() }
      #expect(!health.report.ready && reason(health)?.contains("--word-keys") == true)
      let other = WordKeySource(vault: WordVault(try WordKeys(text: second)))
      await #expect(throws: WordSealError.self) { try await watch(other, store, health).round() }
      #expect(!health.report.ready && reason(health)?.contains("first") == true)
      let both = WordKeySource(vault: WordVault(try WordKeys(text: second + first)))
      _ = try await watch(both, store, health).round()
      #expect(health.report.ready)
      #expect(try await store.wordKeys.keys().map(\.name) == ["first", "second"])
      try await store.wordKeys.forget(["first", "second"])
      _ = try await watch(nil, store, health).round()
      #expect(health.report.ready)
    }
  }

  @Test func aNewKeyIsRegisteredBeforeItEncrypts() async throws {
    try await withFile { store, process in
      _ = try await process.watch.round()
      try (second + first).write(toFile: process.path, atomically: true, encoding: .utf8)
      #expect(process.source.vault.sealingKey == "first" && process.source.changed?.sealingKey == "second")
      _ = try await process.watch.round()
      #expect(process.source.vault.sealingKey == "second")
      #expect(try await store.wordKeys.keys().map(\.name) == ["first", "second"])
      // A file that lacks a key in use is not taken over.
      try second.write(toFile: process.path, atomically: true, encoding: .utf8)
      await #expect(throws: WordSealError.self) { try await process.watch.round() }
      #expect(process.source.vault.keys.names == ["second", "first"] && !process.health.report.ready)
    }
  }

  @Test func aProcessWithAWrongKeyFileDoesNotMakeTheOthersLackItsKey() async throws {
    try await withFile { store, process in
      _ = try await process.watch.round()
      // A file of another desk, here and in a process that starts.
      try second.write(toFile: process.path, atomically: true, encoding: .utf8)
      await #expect(throws: WordSealError.unknownKey("first")) { try await process.watch.round() }
      let stray = watch(WordKeySource(vault: WordVault(try WordKeys(text: second))), store, HealthState())
      await #expect(throws: WordSealError.unknownKey("first")) { try await stray.round() }
      #expect(try await store.wordKeys.keys().map(\.name) == ["first"])
      try first.write(toFile: process.path, atomically: true, encoding: .utf8)
      _ = try await process.watch.round()
      #expect(process.health.report.ready)
    }
  }

  @Test func aFileThatCannotBeUsedAnyMoreIsReportedWhileTheKeysInMemoryGoOn() async throws {
    try await withFile { store, process in
      for text in ["first and nothing else\n", ""] {
        try text.write(toFile: process.path, atomically: true, encoding: .utf8)
        await #expect(throws: WordSealError.self, "\(text)") { try await process.watch.round() }
        #expect(process.health.report.ready)
      }
      try FileManager.default.removeItem(atPath: process.path)
      await #expect(throws: WordSealError.unusableKeys("line 1 cannot be read: let this user read it")) {
        try await process.watch.round()
      }
      try first.write(toFile: process.path, atomically: true, encoding: .utf8)
      _ = try await process.watch.round()
      #expect(process.source.vault.keys.names == ["first"])
    }
  }
}
