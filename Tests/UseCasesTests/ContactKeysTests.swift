import DeskCore
import Foundation
import Store
import TestKit
import Testing

@testable import Sealing
@testable import ServiceSettings
@testable import UseCases

@Suite struct ContactKeysTests {
  private let old = ContactKeys.freshLine(name: "2026-10")
  private let new = ContactKeys.freshLine(name: "2026-11")

  @Test func sealedTextOpensForItsOwnerOnly() throws {
    let keys = try ContactKeys(text: new)
    let sealed = try keys.seal(#"{"phone":"+86 10 6552 9988"}"#, of: "ann", on: "web")
    #expect(sealed.key == "2026-11" && !String(decoding: sealed.bytes, as: UTF8.self).contains("6552 9988"))
    #expect(try keys.open(sealed, of: "ann", on: "web") == #"{"phone":"+86 10 6552 9988"}"#)
    #expect(throws: ContactSealError.unreadable) { try keys.open(sealed, of: "bob", on: "web") }
    #expect(throws: ContactSealError.unreadable) { try keys.open(sealed, of: "ann", on: "app") }
  }

  @Test func sealingTheSameTextTwiceGivesDifferentResults() throws {
    let keys = try ContactKeys(text: new)
    #expect(try keys.seal("x", of: "ann", on: "web") != keys.seal("x", of: "ann", on: "web"))
  }

  @Test func everyChangedByteIsDetected() throws {
    let keys = try ContactKeys(text: new)
    let sealed = try keys.seal("words", of: "ann", on: "web")
    for index in sealed.bytes.indices {
      var bytes = sealed.bytes
      bytes[index] ^= 1
      #expect(throws: ContactSealError.unreadable) {
        try keys.open(SealedContact(key: sealed.key, bytes: bytes), of: "ann", on: "web")
      }
    }
    for length in 0..<sealed.bytes.count {
      #expect(throws: ContactSealError.unreadable) {
        try keys.open(SealedContact(key: sealed.key, bytes: Array(sealed.bytes.prefix(length))), of: "ann", on: "web")
      }
    }
  }

  @Test func olderKeysOpenAndTheFirstKeySeals() throws {
    let before = try ContactKeys(text: old)
    let sealed = try before.seal("words", of: "ann", on: "web")
    let after = try ContactKeys(text: "# November\n\(new)\n\n\(old)\n")
    #expect(after.sealing == "2026-11" && after.names == ["2026-11", "2026-10"])
    #expect(try after.open(sealed, of: "ann", on: "web") == "words")
    #expect(
      try ContactKeys(text: "\(new)\r\n\(old)\r\n").names == ["2026-11", "2026-10"], "any line ending is accepted")
    let without = try ContactKeys(text: new)
    #expect(throws: ContactSealError.unknownKey("2026-10")) { try without.open(sealed, of: "ann", on: "web") }
  }

  @Test func aFileInAnotherEncodingIsRefusedAtItsLine() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let path = folder.path("file.keys")
    try Data(Array("\(new)\n# caf".utf8) + [0xE9]).write(to: URL(filePath: path))
    let error = #expect(throws: ConfigurationError.self) { try ContactKeyFile(path: path) }
    #expect(error?.mistakes.first?.problem == "line 2 is not UTF-8")
  }

  @Test(arguments: [
    ("", 1), ("# nothing\n", 1), ("alone", 1), ("a Zm9v", 1), ("a b c", 1), ("# first\nname notbase64!", 2),
    ("\u{540D} \(String(repeating: "A", count: 43))=", 1),
  ])
  func anErrorNamesItsLineAndRevealsNoKey(text: String, line: Int) {
    #expect {
      try ContactKeys(text: text)
    } throws: { error in
      let mistake = error as? KeyMistake
      return mistake?.line == line && mistake?.remedy.isEmpty == false && !"\(error)".contains("Zm9v")
    }
  }

  @Test func aDuplicateNameIsAnError() {
    #expect(throws: KeyMistake.self) { try ContactKeys(text: old + "\n" + old) }
  }

  @Test func aMissingFilePreventsTheStart() {
    #expect {
      try ContactKeyFile(path: "/nonexistent/keys")
    } throws: { "\($0)".contains("--contact-keys") && "\($0)".contains("/nonexistent/keys") }
  }
}
