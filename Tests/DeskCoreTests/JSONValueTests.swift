import DeskCore
import Foundation
import Testing

@Suite("Details as JSON")
struct JSONValueTests {
  @Test func fieldsKeepTheirOrder() {
    let detail = JSONValue.object([
      .init("b", .integer(1)), .init("a", .list([.flag(true), .null, "x"])), .init("c", .number(0.5)),
    ])
    #expect(detail.json == #"{"b":1,"a":[true,null,"x"],"c":0.5}"#)
  }

  @Test func emptyListsAndObjectsAreWritten() {
    #expect(JSONValue.list([]).json == "[]")
    #expect(JSONValue.object([]).json == "{}")
  }

  @Test func specialCharactersAreEscaped() {
    #expect(JSONValue.text("a\"b\\c\n\r\t\u{1}\u{1F}").json == #""a\"b\\c\n\r\t\u0001\u001f""#)
    #expect(JSONValue.object([.init("q\"", .null)]).json == #"{"q\"":null}"#)
  }

  @Test func aNulBecomesTheReplacementCharacter() {
    #expect(JSONValue.text("a\u{0}b").json == "\"a\u{FFFD}b\"")
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity])
  func nonFiniteNumbersBecomeNull(_ number: Double) {
    #expect(JSONValue.number(number).json == "null")
  }

  @Test func everyTextRoundTripsThroughAParser() throws {
    var random = SeededGenerator(seed: 8)
    for _ in 0..<300 {
      var scalars = String.UnicodeScalarView()
      for _ in 0..<Int.random(in: 0...20, using: &random) {
        let limit: UInt32 = Bool.random(using: &random) ? 0x80 : 0x11_0000
        if let scalar = Unicode.Scalar(UInt32.random(in: 1..<limit, using: &random)) { scalars.append(scalar) }
      }
      let text = String(scalars)
      let json = JSONValue.list([.text(text)]).json
      let parsed = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String])
      #expect(parsed.first.map { Array($0.unicodeScalars) } == Array(text.unicodeScalars))
    }
  }

  @Test func everyNumberRoundTripsThroughAParser() throws {
    for number in [0.1, -0.0, 1e-9, 1.5e300, 123_456_789.25, .leastNonzeroMagnitude] {
      let json = JSONValue.list([.number(number)]).json
      let parsed = try JSONDecoder().decode([Double].self, from: Data(json.utf8))
      #expect(parsed == [number])
    }
  }
}
