import Curl
import SwiftProtobuf
import Testing
import Wire

@testable import LoadTesting

@Suite("Intake answers")
struct AnswerTests {
  @Test("An HTTP answer has the fate of each message")
  func list() {
    let body = """
      {"results":[{"id":"1","status":"accepted","message_id":"m1","ticket_id":"t1"},
      {"id":"2","status":"duplicate","message_id":"m2","ticket_id":"t2"},
      {"id":"3","status":"rejected","problem":{"type":"urn:x:invalid","status":422,"detail":"d"}},
      {"id":"4","status":"rejected","problem":{"type":"urn:x:unavailable","status":503,"detail":"d"}}]}
      """
    let fates = HTTPAnswer.fates(HTTPClient.Response(status: 202, body: Array(body.utf8)), count: 4)
    #expect(
      fates == [
        .acknowledged(message: "m1", ticket: "t1", isDuplicate: false),
        .acknowledged(message: "m2", ticket: "t2", isDuplicate: true), .refused(reason: "http: urn:x:invalid"),
        .later(reason: "http: urn:x:unavailable"),
      ])
  }

  @Test(
    "A status without results applies to all messages; only non-retryable statuses are refusals",
    arguments: [(503, true), (429, true), (500, true), (202, true), (401, false), (413, false), (422, false)])
  func status(_ status: Int, isLater: Bool) {
    let fates = HTTPAnswer.fates(HTTPClient.Response(status: status), count: 2)
    let reason = "http: status \(status)"
    #expect(fates == Array(repeating: isLater ? .later(reason: reason) : .refused(reason: reason), count: 2))
  }

  @Test("Fewer results than messages leave all of them for a retry")
  func wrongCount() {
    let body = #"{"results":[{"status":"accepted","message_id":"m","ticket_id":"t"}]}"#
    let fates = HTTPAnswer.fates(HTTPClient.Response(status: 202, body: Array(body.utf8)), count: 2)
    #expect(fates == [.later(reason: "http: status 202"), .later(reason: "http: status 202")])
  }

  @Test("ZeroMQ results are read the same way in protobuf and JSON")
  func zeroMQ() throws {
    let answer = WireChannelAnswer.with { answer in
      answer.results = [
        .with {
          $0.status = .accepted
          $0.messageID = "m"
          $0.ticketID = "t"
        },
        .with {
          $0.status = .rejected
          $0.problem.type = "urn:frontdesk:problem:overloaded"
          $0.problem.status = 503
        },
        .with {
          $0.status = .rejected
          $0.problem.type = "urn:frontdesk:problem:invalid-message"
          $0.problem.status = 422
        },
      ]
    }
    let json = """
      {"results":[{"status":"accepted","message_id":"m","ticket_id":"t"},
      {"status":"rejected","problem":{"type":"urn:frontdesk:problem:overloaded","status":503}},
      {"status":"rejected","problem":{"type":"urn:frontdesk:problem:invalid-message","status":422}}]}
      """
    let expected: [MessageFate] = [
      .acknowledged(message: "m", ticket: "t", isDuplicate: false),
      .later(reason: "zeromq: urn:frontdesk:problem:overloaded"),
      .refused(reason: "zeromq: urn:frontdesk:problem:invalid-message"),
    ]
    let protobuf = ChannelSocket.Answer(
      contentType: "application/x-protobuf", body: try answer.serializedBytes())
    #expect(ChannelAnswerReader.fates(protobuf, count: 3) == expected)
    #expect(
      ChannelAnswerReader.fates(.init(contentType: "application/json", body: Array(json.utf8)), count: 3) == expected)
  }

  @Test("A ZeroMQ problem for a whole request applies to all its messages")
  func wholeProblem() {
    let body = Array(#"{"type":"urn:frontdesk:problem:unavailable","title":"t","status":503}"#.utf8)
    let fates = ChannelAnswerReader.fates(.init(contentType: "application/problem+json", body: body), count: 2)
    #expect(fates == Array(repeating: .later(reason: "zeromq: urn:frontdesk:problem:unavailable"), count: 2))
  }
}
