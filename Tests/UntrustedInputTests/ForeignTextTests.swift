import Foundation
import Testing

@testable import UntrustedInput

@Suite("UTF-8 validation of input")
struct UTF8TextTests {
  @Test(
    "other encodings are rejected with the position",
    arguments: [
      // 退 in GBK; é in Latin-1; UTF-16 with its BOM; a surrogate; an overlong form; a truncated character.
      (Array("a: b\nname: ".utf8) + [0xCD, 0xCB], 2, 7), (Array("caf".utf8) + [0xE9], 1, 4),
      ([0xFF, 0xFE, 0x61, 0x00], 1, 1), (Array("好\n好".utf8) + [0xED, 0xA0, 0x80], 2, 2),
      ([0xC0, 0x80], 1, 1), (Array("好".utf8.dropLast()), 1, 1),
      // A replacement character in the original is not a mistake.
      (Array("\u{FFFD}\u{301}\n\u{FFFD}".utf8) + [0x80], 2, 2),
    ])
  func refuses(_ bytes: [UInt8], line: Int, column: Int) {
    let mistake = #expect(throws: UTF8Text.Mistake.self) { try UTF8Text.read(bytes) }
    #expect(mistake?.line == line && mistake?.column == column)
  }

  @Test("valid UTF-8 is unchanged, byte for byte")
  func reads() throws {
    for text in ["", "好 e\u{301} \u{FFFD} \u{0} \u{FEFF}"] {
      #expect(Array(try UTF8Text.read(Array(text.utf8)).utf8) == Array(text.utf8))
    }
  }
}

@Suite("Untrusted text on a terminal")
struct VisibleTextTests {
  @Test(
    "terminal controls and bidirectional controls are escaped",
    arguments: [
      ("\u{1B}[31mred", "\\u{1B}[31mred"), ("a\u{9B}31m", "a\\u{9B}31m"), ("del\u{7F}", "del\\u{7F}"),
      ("\u{202E}desrever\u{2066}\u{2069}", "\\u{202E}desrever\\u{2066}\\u{2069}"),
      ("\u{200E}\u{200F}\u{61C}", "\\u{200E}\\u{200F}\\u{61C}"), ("a\u{2028}b\u{2029}", "a\\u{2028}b\\u{2029}"),
      // After a combining mark a control is not a separate character to Swift, but it is a control to a terminal.
      ("\r\u{301}x\u{85}", "\\u{D}\u{301}x\\u{85}"),
    ])
  func controls(_ text: String, _ shown: String) {
    #expect(VisibleText.line(text) == shown)
    #expect(VisibleText.block(text) == shown)
  }

  @Test("line feeds and tabs are kept in blocks, and escaped in single-line text")
  func lineEnds() {
    #expect(VisibleText.block("a\tb\r\nc") == "a\tb\\u{D}\nc")
    #expect(VisibleText.line("a\tb\r\nc") == "a\\u{9}b\\u{D}\\u{A}c")
  }

  @Test("scripts and emoji are unchanged")
  func ordinary() {
    for text in ["售后 服务", "e\u{301}", "👩\u{200D}💻", "क्\u{200D}ष", "naïve £ §"] {
      #expect(VisibleText.line(text) == text)
    }
  }

  @Test("a JSON document keeps its meaning and contains no control characters")
  func json() throws {
    let text = "\u{1B}[2J \u{9B} \u{7F} \u{202E} \u{2028} \u{61C} 好\n\"\\"
    let document = String(decoding: try JSONEncoder().encode(["a": text]), as: UTF8.self)
    let safe = VisibleText.json(document)
    #expect(safe.unicodeScalars.allSatisfy { VisibleText.line(String($0)) == String($0) })
    #expect(
      try JSONDecoder().decode([String: String].self, from: Data(safe.utf8))["a"]?.utf8.elementsEqual(text.utf8) == true
    )
    #expect(VisibleText.json("{\n  \"a\" : 1\n}\n") == "{\n  \"a\" : 1\n}\n")
  }
}
