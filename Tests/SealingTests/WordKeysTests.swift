import DeskCore
import Foundation
import Store
import TestKit
import Testing

@testable import Sealing
@testable import ServiceSettings

@Suite struct WordKeysTests {
  private let old = KeyRing.freshLine(name: "2026-10")
  private let new = KeyRing.freshLine(name: "2026-11")

  @Test func aTextOpensAtItsPlaceOnly() throws {
    let keys = try WordKeys(text: new)
    let message = MessageID(high: 1, low: 2)
    let sealed = try #require(try keys.seal("my swordfish 我的", at: WordPlace.body(message).name))
    #expect(sealed.key == "2026-11" && !sealed.box.contains("swordfish"))
    #expect(try keys.open(sealed.box, under: sealed.key, at: WordPlace.body(message).name) == "my swordfish 我的")
    for place in [WordPlace.subject(message), .body(MessageID(high: 1, low: 3)), .attachments(message)] {
      #expect(throws: WordSealError.unreadable) { try keys.open(sealed.box, under: sealed.key, at: place.name) }
    }
    #expect(throws: WordSealError.unreadable) { try keys.open("no Base64!", under: sealed.key, at: "x") }
    #expect(throws: WordSealError.unreadable) { try keys.open("", under: sealed.key, at: "x") }
    #expect(try keys.seal("x", at: "x")?.box != keys.seal("x", at: "x")?.box)
  }

  @Test func olderKeysOpenAndALineStopsTheSealing() throws {
    let sealed = try #require(try WordKeys(text: old).seal("words", at: "x"))
    let after = try WordKeys(text: new + "\n" + old)
    #expect(after.sealingKey == "2026-11" && after.names == ["2026-11", "2026-10"])
    #expect(try after.open(sealed.box, under: sealed.key, at: "x") == "words")
    #expect(throws: WordSealError.unknownKey("2026-10")) {
      try WordKeys(text: new).open(sealed.box, under: sealed.key, at: "x")
    }
    let paused = try WordKeys(text: "# the end\nplain\n" + old)
    #expect(try paused.sealingKey == nil && paused.seal("words", at: "x") == nil)
    #expect(try paused.open(sealed.box, under: sealed.key, at: "x") == "words")
  }

  @Test(arguments: ["", "plain", "plain\nplain", "\("a") plain\nplain", "alone", "a Zm9v"])
  func anErrorNamesItsLineAndRevealsNoKey(text: String) {
    #expect {
      try WordKeys(text: text)
    } throws: { error in
      let mistake = error as? KeyMistake
      return mistake?.remedy.isEmpty == false && !"\(error)".contains("Zm9v")
    }
  }

  @Test func everyChangedByteIsDetected() throws {
    let keys = try WordKeys(text: new)
    let sealed = try #require(try keys.seal("words", at: "x"))
    let bytes = try #require(Data(base64Encoded: sealed.box))
    for index in bytes.indices {
      var changed = bytes
      changed[index] ^= 1
      #expect(throws: WordSealError.unreadable) {
        try keys.open(changed.base64EncodedString(), under: sealed.key, at: "x")
      }
    }
  }
}

/// Keys that a command prints.
@Suite struct KeyCommandTests {
  private let line = KeyRing.freshLine(name: "kms")

  @Test func whatACommandPrintsIsTheKeyFile() async throws {
    let source = try #require(try await WordKeySource.read(file: nil, command: "printf '%s\\n' '\(line)'"))
    #expect(source.vault.sealingKey == "kms" && source.changed == nil)
    #expect(try await WordKeySource.read(file: nil, command: nil) == nil)
  }

  @Test func aFileAndACommandExcludeEachOther() async {
    let error = await #expect(throws: ConfigurationError.self) {
      try await WordKeySource.read(file: "/dev/null", command: "true")
    }
    #expect(error?.description.contains("--word-keys-command") == true)
  }

  @Test(arguments: [
    ("exit 3", "failed"), ("echo Zm9vsecret >&2; exit 1", "failed"), ("no-such-program-here", "failed"),
    ("kill -9 $$", "failed"), ("true", "contain no key"), ("echo Zm9vsecret", "line 1"),
    ("printf 'k Zm9vsecret'", "line 1"), ("printf '\\377Zm9vsecret'", "not UTF-8"),
    ("head -c 40000 /dev/zero | tr '\\\\0' 'A'", "more than 32768 bytes"),
  ])
  func aFailureSaysWhatToDoAndRevealsNothing(command: String, problem: String) async {
    let error = await #expect(throws: ConfigurationError.self) {
      try await WordKeySource.read(file: nil, command: command)
    }
    let text = error?.description ?? ""
    #expect(text.contains("--word-keys-command") && text.contains(problem) && !text.contains("Zm9v"), "\(text)")
    #expect(error?.mistakes.first?.value == nil, "the command itself may contain a secret")
  }

  @Test(.timeLimit(.minutes(1)))
  func aCommandThatHangsIsKilledWithItsChildren() async throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let pid = folder.path("pid")
    await #expect(throws: KeyCommand.Failure.tooLong) {
      try await KeyCommand("sleep 1000 & echo $! > \(pid); wait", time: .milliseconds(500)).output()
    }
    let child = try #require(
      Int32(try String(contentsOfFile: pid, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)))
    // It is killed right after the failure was reported.
    while kill(child, 0) == 0, try !isZombie(child) { await Task.yield() }
  }

  private func isZombie(_ process: Int32) throws -> Bool {
    guard let state = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8) else { return true }
    return state.contains(") Z ")
  }

  @Test func aFileBehindALinkIsReadAgainWhenItsTargetChanges() async throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let (link, target) = (folder.path("word-keys"), folder.path("2026-11"))
    try Data(KeyRing.freshLine(name: "one").utf8).write(to: URL(filePath: target))
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: target)
    let source = try #require(try await WordKeySource.read(file: link, command: nil, pause: .zero))
    #expect(source.changed == nil && source.mistake == nil)
    try FileManager.default.removeItem(atPath: target)
    #expect(source.mistake?.problem == "cannot be read" && source.vault.keys.names == ["one"])
    // The link itself is what it was.
    try Data(KeyRing.freshLine(name: "two").utf8).write(to: URL(filePath: target))
    #expect(source.changed?.names == ["two"] && source.mistake == nil)
  }

  @Test func aWordOfTheFileItselfIsNoName() {
    #expect(throws: KeyMistake.self) { try WordKeys(text: KeyRing.freshLine(name: WordKeys.pause)) }
  }
}
