import Testing

@testable import DeskCore

private enum Samples: String, SentenceCode {
  case sendAtMost = "Send at most {longest} bytes."
  case sendOneOf = "Send one of {values}."
  case send = "Send {what}."
  case brace = "write {{ or }} for a brace, or one of {allowed}"
  case twice = "{value} is listed twice"
  case fixed = "The field is missing."
}

@Suite struct SentencePatternTests {
  private let catalogue = SentenceCatalogue<Samples>()

  private func read(_ text: String) -> String? {
    catalogue.recognise(text).map { found in
      ([found.code.code] + found.values.map { "\($0.name)=\($0.value)" }).joined(separator: " ")
    }
  }

  @Test func aTextGivesTheCodeAndTheValuesOfItsPattern() {
    #expect(read("Send at most 100 bytes.") == "send-at-most longest=100")
    #expect(read("The field is missing.") == "fixed")
    #expect(read("'x' is listed twice") == "twice value='x'")
    #expect(read("write {{ or }} for a brace, or one of {a}, {b}") == "brace allowed={a}, {b}")
    #expect(read("Leave it out.") == nil)
    #expect(read("is listed twice") == nil, "a gap is never empty")
  }

  @Test func anAcronymIsOneWordOfACode() {
    enum Acronyms: String, SentenceCode { case noJSON, useJSONLibrary, jsonNotUTF8, plainWords }
    #expect(Acronyms.allCases.map(\.code) == ["no-json", "use-json-library", "json-not-utf8", "plain-words"])
  }

  @Test func thePatternWithTheMostOfTheTextIsMeant() {
    #expect(read("Send one of red, blue.") == "send-one-of values=red, blue")
    #expect(read("Send anything else.") == "send what=anything else")
  }

  @Test func bytesDecideNotCanonicalEquivalence() {
    let pattern = SentencePattern("caf\u{E9} {name}")
    #expect(pattern.values(in: "caf\u{E9} x") == ["x"])
    #expect(pattern.values(in: "cafe\u{301} x") == nil)
  }

  @Test(arguments: Samples.allCases)
  fileprivate func everyTextMadeFromAPatternIsRecognised(_ code: Samples) {
    var text = code.rawValue
    for name in code.pattern.parameters { text = text.replacing("{\(name)}", with: "7 \(name)") }
    #expect(catalogue.recognise(text)?.values.map(\.value) == code.pattern.parameters.map { "7 \($0)" })
  }
}
