import DeskCore
import HTTPService
import TestKit
import Testing

@testable import Intake

/// The bodies that intake accepts and returns are those of `/openapi.json`.
@Suite struct IntakeSchemaTests {
  private static func check() throws -> OpenAPICheck { try #require(OpenAPICheck(IntakeOpenAPI.document.json)) }

  @Test func everyReferenceResolvesAndEveryComponentIsUsed() throws {
    #expect(try Self.check().danglingReferences == [])
    #expect(try Self.check().unusedComponents == [])
  }

  @Test func resultsHaveTheirSchema() throws {
    var check = try Self.check()
    var random = SeededGenerator(seed: 1)
    let now = Instant(seconds: 1_700_000_000)
    let accepted = MessageResult(
      id: "m-1", status: .accepted, message: MessageID(at: now, using: &random),
      ticket: TicketID(at: now, using: &random), problem: nil)
    let fault = MessageFault("/sent_at", value: "soon", "Not a valid RFC 3339 timestamp.", remedy: "Send another.")
    #expect(check.faults(in: accepted.detail, schema: "Result") == [])
    let list = JSONValue.object([MessageResult.member([accepted, .rejected(nil, fault)])])
    #expect(check.faults(in: list, schema: "Results") == [])
    #expect(check.unseenProperties(of: "Result") == [])
    #expect(check.unseenProperties(of: "MessageProblem") == [])
  }

  @Test func servedBodiesHaveTheirSchemas() async throws {
    try await ServedIntake.with { intake in
      var check = try Self.check()
      func expect(_ answer: ServedIntake.Answer, _ operation: String, _ status: Int) {
        #expect(answer.status == status, "\(operation)")
        let body = String(decoding: answer.body, as: UTF8.self)
        #expect(check.faults(inResponse: body, of: operation, status: status) == [])
      }
      let one = Array(#"{"id":"m-1","customer":"c","subject":"s","text":"t"}"#.utf8)
      let submitted = try await intake.post(one)
      expect(submitted, "POST /v1/messages", 202)
      expect(try await intake.post(Array("[".utf8) + one + Array("]".utf8)), "POST /v1/messages", 202)
      let message = try #require(submitted.json?["message_id"]?.text)
      let ticket = try #require(submitted.json?["ticket_id"]?.text)
      expect(try await intake.get("/v1/messages/\(message)"), "GET /v1/messages/{id}", 200)
      expect(try await intake.get("/v1/tickets/\(ticket)"), "GET /v1/tickets/{id}", 200)
      expect(try await intake.get("/v1/gateway"), "GET /v1/gateway", 200)
      #expect(check.unseenProperties(of: "StoredMessage") == [])
      #expect(check.unseenProperties(of: "Gateway") == [])
    }
  }

  @Test func feedbackHasTheFieldsThatAreRead() throws {
    let problem = #expect(throws: HTTPProblem.self) {
      try FeedbackRoute.Form(JSONBody(bytes: Array(#"{"solved":true,"other":1}"#.utf8)))
    }
    let known = try Self.check().properties(of: "Feedback").sorted().joined(separator: ", ")
    #expect(problem?.errors.first?.remedy == "Remove it; known fields are \(known).")
  }

  @Test func messagesHaveTheFieldsThatAreRead() throws {
    let read = try Array(#"{"customer":"c","text":"t","other":1}"#.utf8).withUnsafeBufferPointer { bytes in
      try RequestReader.json(bytes, channel: "web", requestKey: "k")
    }
    guard case .failure(let fault)? = read.messages.first?.result else {
      Issue.record("an unknown field was accepted")
      return
    }
    let known = try #require(fault.remedy.split(separator: "known fields: ").last).dropLast()
    #expect(Set(known.split(separator: ", ").map { String($0) }) == (try Self.check().properties(of: "Message")))
  }
}
