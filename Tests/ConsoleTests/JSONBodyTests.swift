import DeskCore
import HTTPService
import HTTPTypes
import Store
import Testing
import UntrustedInput

@testable import Console

@Suite struct JSONBodyTests {
  /// The fields that are refused when a reply is read.
  private func refused(_ json: String) throws -> [String] {
    var body = try JSONBody(bytes: Array(json.utf8))
    _ = body.words("text", longest: InputBounds.textCharacters)
    _ = body.flagIfAny("awaits_customer")
    do throws(HTTPProblem) {
      try body.finish()
      return []
    } catch {
      #expect(error.status == .unprocessableContent)
      return error.errors.map(\.field)
    }
  }

  @Test func acceptsKnownFields() throws {
    #expect(try refused(#"{"text":"你好 🙂"}"#) == [])
    #expect(try refused(#"{"text":"a","awaits_customer":true}"#) == [])
  }

  @Test func reportsAllErrorsAtOnce() throws {
    #expect(try refused(#"{"text":" \n","awaits_customer":1,"more":null}"#) == ["/text", "/awaits_customer", "/more"])
    #expect(try refused("{}") == ["/text"])
    #expect(try refused(#"{"text":7}"#) == ["/text"])
    #expect(try refused(#"{"text":"a\u0000b"}"#) == ["/text"])
    #expect(try refused(#"{"text":"a","awaits_customer":"true"}"#) == ["/awaits_customer"])
  }

  @Test func limitsTextLength() throws {
    let longest = String(repeating: "字", count: InputBounds.textCharacters)
    #expect(try refused(#"{"text":"\#(longest)"}"#) == [])
    #expect(try refused(#"{"text":"\#(longest)字"}"#) == ["/text"])
  }

  /// Bodies that another reader repairs or loses are refused.
  @Test(arguments: [#"{"text":"a\ud800"}"#, #"{"text":"\ud83d!"}"#, #"{"text":"a","text":}"#, "{\"text\":\"a\nb\"}"])
  func refusesAmbiguousJSON(json: String) {
    let problem = #expect(throws: HTTPProblem.self) { try JSONBody(bytes: Array(json.utf8)) }
    #expect(problem?.status == .badRequest && problem?.errors.first?.remedy?.isEmpty == false)
  }

  @Test func numbersAreIntegersWithinRange() throws {
    for (text, number) in [
      ("3", 3), ("5.0", 5), ("1e0", 1), ("0", nil), ("6", nil), ("2.5", nil), ("1e400", nil), ("-1e400", nil),
      ("9999999999999999999999", nil), ("\"3\"", nil), ("true", nil), ("null", nil),
    ] as [(String, Int?)] {
      var body = try JSONBody(bytes: Array("{\"rating\":\(text)}".utf8))
      #expect(body.integerIfAny("rating", in: 1...5) == number)
    }
  }

  @Test func onlyAFewUnknownFieldsAreReported() throws {
    let names = (0..<5000).map { "\"f\($0)\":1" }.joined(separator: ",")
    let problem = #expect(throws: HTTPProblem.self) { try JSONBody(bytes: Array("{\(names)}".utf8)).finish() }
    #expect((1...20).contains(problem?.errors.count ?? 0))
  }

  @Test(arguments: ["", "[]", "null", "{", "\"text\"", "{\"text\":\"a\"} x"])
  func refusesBodiesThatAreNotObjects(json: String) {
    #expect(throws: HTTPProblem.self) { try JSONBody(bytes: Array(json.utf8)) }
  }
}

@Suite struct RequestKeyTests {
  @Test func recognisesOnlyItsOwnMessages() throws {
    let key = try RequestKey(IdempotencyKey("k"), scope: ["ann", "ticket"])
    let other = try RequestKey(IdempotencyKey("k"), scope: ["bob", "ticket"])
    let first = key.message(at: Instant(seconds: 1_700_000_000))
    let later = key.message(at: Instant(seconds: 1_700_000_060))
    #expect(first < later)
    #expect(key.wrote(first) && key.wrote(later))
    #expect(!other.wrote(first))
    #expect(Array(later.bytes.suffix(8)) == key.tail)
  }

  @Test func messagesUnderKeysKeepTheOrderInWhichTheyWereWritten() throws {
    let identifiers = IdentifierSource()
    let now = Instant(seconds: 1_700_000_000)
    let written = try (0..<20).map {
      try RequestKey(IdempotencyKey("k\($0)"), scope: []).message(at: now, from: identifiers)
    }
    #expect(written == written.sorted())
  }
}

@Suite struct IdempotencyKeyTests {
  @Test(arguments: ["", " ", "a b", "ü", String(repeating: "k", count: 191)])
  func refusesInvalidKeys(text: String) {
    #expect(throws: HTTPProblem.self) { try IdempotencyKey(text) }
  }
}
