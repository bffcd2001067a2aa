import DeskCore
import HTTPTypes
import ServiceKit
import Testing

@testable import Console

@Suite struct RequestBodyTests {
  /// The fields that are refused when a reply is read.
  private func refused(_ json: String) throws -> [String] {
    var body = try RequestBody(bytes: Array(json.utf8))
    _ = body.words("text")
    _ = body.flag("awaits_customer")
    do {
      try body.finish()
      return []
    } catch let problem as HTTPProblem {
      #expect(problem.status == .unprocessableContent)
      return problem.errors.map(\.field)
    }
  }

  @Test func takesWhatIsKnown() throws {
    #expect(try refused(#"{"text":"你好 🙂"}"#) == [])
    #expect(try refused(#"{"text":"a","awaits_customer":true}"#) == [])
  }

  @Test func tellsAllThatIsWrongAtOnce() throws {
    #expect(try refused(#"{"text":" \n","awaits_customer":1,"more":null}"#) == ["/text", "/awaits_customer", "/more"])
    #expect(try refused("{}") == ["/text"])
    #expect(try refused(#"{"text":7}"#) == ["/text"])
    #expect(try refused(#"{"text":"a\u0000b"}"#) == ["/text"])
    #expect(try refused(#"{"text":"a","awaits_customer":"true"}"#) == ["/awaits_customer"])
  }

  @Test func boundsTheText() throws {
    let longest = String(repeating: "字", count: ConsoleBounds.textCharacters)
    #expect(try refused(#"{"text":"\#(longest)"}"#) == [])
    #expect(try refused(#"{"text":"\#(longest)字"}"#) == ["/text"])
  }

  @Test(arguments: ["", "[]", "null", "{", "\"text\"", "{\"text\":\"a\"} x"])
  func refusesWhatIsNoObject(json: String) {
    #expect(throws: HTTPProblem.self) { try RequestBody(bytes: Array(json.utf8)) }
  }
}

@Suite struct RequestKeyTests {
  @Test func findsItsOwnMessageAndNoOther() throws {
    let key = try RequestKey("k", scope: ["ann", "ticket"])
    let other = try RequestKey("k", scope: ["bob", "ticket"])
    let first = key.message(at: Instant(seconds: 1_700_000_000))
    let later = key.message(at: Instant(seconds: 1_700_000_060))
    #expect(first < later)
    #expect(key.wrote(first) && key.wrote(later))
    #expect(!other.wrote(first))
  }

  @Test(arguments: ["", " ", "a b", "ü", String(repeating: "k", count: 191)])
  func refusesWhatCannotBeUsed(text: String) {
    #expect(throws: HTTPProblem.self) { try RequestKey(text, scope: []) }
  }
}
