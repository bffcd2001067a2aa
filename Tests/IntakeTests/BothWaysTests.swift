import DeskCore
import Foundation
import PostgreSQL
import SwiftProtobuf
import TestKit
import Testing
import Wire

@testable import Intake
@testable import Store

/// Behaviour common to HTTP and ZeroMQ, from the bytes of a request to the rows.
@Suite("Both transports")
struct BothWaysTests {
  /// The transport of a message.
  enum Way: String, CaseIterable, CustomTestStringConvertible {
    case array, lines, alone, zeroMQ, zeroMQAlone, protobuf

    var testDescription: String { rawValue }
  }

  private struct Result {
    let id: String
    let status: String
    let message: String?
    let type: String?
  }

  private func body(_ id: String, _ text: String) -> [UInt8] {
    Array(
      JSONValue.object([.init("id", .text(id)), .init("customer", "c"), .init("text", .text(text))]).json.utf8)
  }

  /// Submits messages: together, or concurrently, each in its own request.
  private func send(_ messages: [(id: String, text: String)], by way: Way, to intake: ServedIntake) async throws
    -> [Result]
  {
    let bodies = messages.map { body($0.id, $0.text) }
    let array = [0x5B] + Array(bodies.joined(separator: [0x2C])) + [0x5D]
    switch way {
    case .array: return try read(await intake.post(array).results)
    case .lines:
      return try read(
        await intake.post(Array(bodies.joined(separator: [0x0A])), type: "application/x-ndjson").results)
    case .alone:
      let answers = try await withThrowingTaskGroup(of: (Int, ServedIntake.Answer).self) { group in
        for (position, body) in bodies.enumerated() {
          group.addTask { (position, try await intake.post(body)) }
        }
        return try await group.reduce(into: [Int: ServedIntake.Answer]()) { $0[$1.0] = $1.1 }
      }
      return try bodies.indices.flatMap { position in
        let answer = try #require(answers[position])
        // A rejection of the only message is the answer's problem.
        guard answer.status == 409 else { return try read(answer.results) }
        return [
          Result(id: messages[position].id, status: "rejected", message: nil, type: answer.json?["type"]?.text)
        ]
      }
    case .zeroMQ: return try read(await intake.ask([array]).flatMap(\.results))
    case .zeroMQAlone: return try read(await intake.ask(bodies).flatMap(\.results))
    case .protobuf:
      let batch = WireChannelBatch.with {
        $0.messages = messages.map { message in
          .with {
            $0.id = message.id
            $0.customer = "c"
            $0.text = message.text
          }
        }
      }
      let answer = try await intake.ask([try batch.serializedBytes()], type: "application/x-protobuf")[0]
      return try WireChannelAnswer(serializedBytes: answer.body).results.map { result in
        Result(
          id: result.id,
          status: result.status == .accepted ? "accepted" : result.status == .duplicate ? "duplicate" : "rejected",
          message: result.messageID.isEmpty ? nil : result.messageID,
          type: result.hasProblem ? result.problem.type : nil)
      }
    }
  }

  private func read(_ results: [JSONValue]) throws -> [Result] {
    try results.map { result in
      Result(
        id: try #require(result["id"]?.text), status: try #require(result["status"]?.text),
        message: result["message_id"]?.text, type: result["problem"]?["type"]?.text)
    }
  }

  private func stored(in intake: ServedIntake) async throws -> [[UInt8]] {
    try await intake.store.pool.query(
      PostgresStatement<[UInt8]>(
        "stored_ids", "SELECT convert_to(external_id, 'UTF8') FROM desk.message_key ORDER BY 1"), [])
  }

  @Test(
    "ids in every normal form are separate messages: none is lost, none is a conflict", arguments: Way.allCases
  )
  func idsInEveryNormalFormAreSeparateMessages(way: Way) async throws {
    try await ServedIntake.with { intake in
      // Together with equal texts, together with different ones.
      for (prefix, isEqual) in [("same ", true), ("other ", false)] {
        let messages = NormalForms.texts.enumerated().map { ("\(prefix)\($1)", isEqual ? "t" : "text \($0)") }
        let results = try await send(messages, by: way, to: intake)
        #expect(results.map { Array($0.id.utf8) } == messages.map { Array($0.0.utf8) })
        #expect(results.allSatisfy { $0.status == "accepted" }, "\(results.filter { $0.status != "accepted" })")
        #expect(Set(results.compactMap(\.message)).count == messages.count, "each has its own identifier")
        let again = try await send(messages, by: way, to: intake)
        #expect(again.allSatisfy { $0.status == "duplicate" })
        #expect(again.map(\.message) == results.map(\.message))
        // The same ids with different text are conflicts, each on its own.
        let changed = try await send(messages.map { ($0.0, "\($0.1)!") }, by: way, to: intake)
        #expect(changed.map(\.status) == messages.map { _ in "rejected" })
        #expect(Set(changed.map(\.type)) == ["urn:frontdesk:problem:id-conflict"])
      }
      let expected = ["same ", "other "].flatMap { prefix in NormalForms.texts.map { Array((prefix + $0).utf8) } }
      #expect(try await stored(in: intake) == expected.sorted { $0.lexicographicallyPrecedes($1) })
      let balance = try #require(try await intake.store.audit.balance())
      #expect(balance.messages == Int64(expected.count) && balance.doubled == 0 && balance.lost == 0)
    }
  }

  @Test("customers and attribute names in every normal form are distinct")
  func customersAndAttributesInEveryFormAreDistinct() async throws {
    try await ServedIntake.with { intake in
      let object = JSONValue.object(NormalForms.texts.map { .init($0, .text($0)) })
      let messages = NormalForms.texts.enumerated().map { position, text in
        JSONValue.object([
          .init("id", .text("m\(position)")), .init("customer", .text(text)), .init("text", "t"),
          .init("attributes", object),
        ])
      }
      let body = Array(JSONValue.list(messages).json.utf8)
      let results = try await intake.post(body).results
      #expect(Set(results.compactMap { $0["ticket_id"]?.text }).count == NormalForms.texts.count)
      // The same over the other transport is identical byte by byte.
      #expect(try await intake.ask([body])[0].results.allSatisfy { $0["status"] == "duplicate" })
      let batch = WireChannelBatch.with {
        $0.messages = NormalForms.texts.enumerated().map { position, text in
          .with {
            $0.id = "m\(position)"
            $0.customer = text
            $0.text = "t"
            $0.attributes = NormalForms.texts.reversed().map { name in
              .with {
                $0.name = name
                $0.value = name
              }
            }
          }
        }
      }
      let answer = try await intake.ask([try batch.serializedBytes()], type: "application/x-protobuf")[0]
      let protobuf = try WireChannelAnswer(serializedBytes: answer.body).results
      #expect(protobuf.allSatisfy { $0.status == .duplicate })
      let counts = try await intake.store.pool.query(
        PostgresStatement<Int64>(
          "attribute_counts", "SELECT (SELECT count(*) FROM jsonb_object_keys(attributes)) FROM desk.message"), [])
      #expect(counts == Array(repeating: Int64(NormalForms.texts.count), count: NormalForms.texts.count))
    }
  }

  @Test("idempotency keys derive the stored ids of messages without one")
  func derivesIDsFromIdempotencyKeys() async throws {
    try await ServedIntake.with { intake in
      let body = Array(#"[{"customer":"c","text":"t"},{"customer":"c","text":"t"}]"#.utf8)
      let first = try await intake.post(body, key: "k;1").results
      let again = try await intake.post(body, key: "k;1").results
      #expect(first.compactMap { $0["id"]?.text } == ["k;1#0", "k;1#1"])
      #expect(again.map { $0["status"] } == ["duplicate", "duplicate"])
      #expect(again.map { $0["message_id"] } == first.map { $0["message_id"] })
    }
  }

  @Test("half a surrogate pair in an array rejects only its own message, by its id, over both transports")
  func rejectsOnlyTheMessageWithALoneSurrogate() async throws {
    try await ServedIntake.with { intake in
      let rows = [
        #"{"id":"good","customer":"c","text":"t"}"#, #"{"id":"half","customer":"c","text":"hi \ud83d"}"#,
        #"{"id":"next","customer":"c","text":"t"}"#,
      ]
      let body = Array("[\(rows.joined(separator: ","))]".utf8)
      let answers = [
        try await intake.post(body), try await intake.ask([body])[0],
        try await intake.post(Array(rows.joined(separator: "\n").utf8), type: "application/x-ndjson"),
      ]
      for (answer, good) in zip(answers, ["accepted", "duplicate", "duplicate"]) {
        #expect(answer.results.map { $0["id"]?.text } == ["good", "half", "next"])
        #expect(answer.results.map { $0["status"]?.text } == [good, "rejected", good])
        let problem = answer.results[1]["problem"]
        #expect(problem?["type"] == "urn:frontdesk:problem:malformed-body" && problem?["status"] == .integer(400))
        #expect(problem?["field"] == "/text" && problem?["remedy"]?.text?.isEmpty == false)
      }
      #expect(answers[0].status == 202)
    }
  }

  @Test("both transports have one schema: the same results, and the same problem for a whole request")
  func bothTransportsReturnTheSameResults() async throws {
    try await ServedIntake.with { intake in
      let mixed = Array(
        #"""
        [{"id":"a","channel":"web","customer":"c","text":"t","sent_at":"2026-11-22T08:30:00.1234+08:00",
          "attachments":[{"url":"https://example.com/a.png","media_type":"image/png"}]},
         {"id":"b","customer":"c"},{"id":"c","customer":"c","text":"t","sent_at":"now"},{"id":"d\ud800"},7,
         {"id":"e","customer":"c","text":"t","sentAtMs":1},{"id":"f","channel":"app","customer":"c","text":"t"},
         {"id":"a","customer":"c","text":"other"}]
        """#.utf8)
      _ = try await intake.post(mixed)
      let byHTTP = try await intake.post(mixed)
      let byZeroMQ = try await intake.ask([mixed])[0]
      #expect(byHTTP.status == 202 && byHTTP.contentType == "application/json")
      #expect(byZeroMQ.contentType == "application/json")
      #expect(byHTTP.body == byZeroMQ.body)
      #expect(byHTTP.results.count == 8)
      let statuses = byHTTP.results.map { $0["problem"]?["status"]?.integer }
      #expect(statuses == [nil, 422, 422, 400, 422, 422, 422, 409])
      let first = try #require(byHTTP.results.first)
      #expect(first["status"] == "duplicate" && first["message_id"] != nil && first["ticket_id"] != nil)

      for body in [
        "[]", "42", "{", "", "[\(Array(repeating: "{}", count: 1001).joined(separator: ","))]", #""\ud800""#,
      ] {
        let byHTTP = try await intake.post(Array(body.utf8))
        let byZeroMQ = try await intake.ask([Array(body.utf8)])[0]
        #expect(byHTTP.contentType == "application/problem+json" && byZeroMQ.contentType == byHTTP.contentType)
        #expect(byZeroMQ.json?["status"] == .integer(Int64(byHTTP.status)))
        #expect(byZeroMQ.json?["errors"] != nil && byZeroMQ.json?["title"] != nil)
        // The trace differs per occurrence.
        for part in ["type", "title", "status", "detail", "errors"] {
          #expect(byZeroMQ.json?[part] == byHTTP.json?[part])
        }
      }
    }
  }

  @Test("protobuf has the same parts under the same names")
  func protobufHasTheSamePartsAsJSON() async throws {
    try await ServedIntake.with { intake in
      let json = Array(
        #"[{"id":"a","customer":"c","text":"t"},{"id":"b","customer":"c"},{"id":"c","customer":"c","text":"t","sent_at":"now"}]"#
          .utf8)
      let batch = WireChannelBatch.with {
        $0.messages = [("a", "t", ""), ("b", "", ""), ("c", "t", "now")].map { id, text, sentAt in
          .with {
            $0.id = id
            $0.customer = "c"
            $0.text = text
            $0.sentAt = sentAt
          }
        }
      }
      _ = try await intake.post(json)
      let byJSON = try await intake.ask([json])[0].results
      let answer = try await intake.ask([try batch.serializedBytes()], type: "application/x-protobuf")[0]
      #expect(answer.contentType == "application/x-protobuf")
      let byProtobuf = try WireChannelAnswer(serializedBytes: answer.body).results
      #expect(byJSON.count == byProtobuf.count)
      for (one, other) in zip(byJSON, byProtobuf) {
        #expect(one["id"]?.text == other.id)
        #expect(one["message_id"]?.text ?? "" == other.messageID && one["ticket_id"]?.text ?? "" == other.ticketID)
        #expect((one["problem"] != nil) == other.hasProblem)
        let problem = one["problem"]
        #expect(problem?["type"]?.text ?? "" == other.problem.type)
        #expect(problem?["status"]?.integer ?? 0 == Int64(other.problem.status))
        #expect(problem?["detail"]?.text ?? "" == other.problem.detail)
        #expect(problem?["field"]?.text ?? "" == other.problem.field)
        #expect(problem?["value"]?.text == (other.problem.hasValue ? other.problem.value : nil))
        #expect(problem?["remedy"]?.text ?? "" == other.problem.remedy)
      }
      #expect(byProtobuf.map(\.status) == [.duplicate, .rejected, .rejected])
    }
  }

  @Test("faulty frames get a problem that names the frame")
  func problemsNameTheFaultyFrame() async throws {
    try await ServedIntake.with { intake in
      let json = Array("application/json".utf8)
      let rows: [([[UInt8]], String)] = [
        ([[1]], ""), ([json, [1], [1], [1]], ""), ([Array("text/plain".utf8), [1]], "content type"),
        ([json, Array(repeating: 0x20, count: IntakeBounds.bodyBytes + 1)], "body"),
      ]
      for (frames, field) in rows {
        let answer = try await intake.ask(frames: [frames])[0]
        #expect(answer.contentType == "application/problem+json")
        let problem = try #require(answer.json)
        #expect(problem["type"] == "urn:frontdesk:problem:bad-frames" && problem["status"] == .integer(400))
        let error = try #require(problem["errors"]?.list?.first)
        #expect(error["field"]?.text == field && error["remedy"]?.text?.isEmpty == false)
      }
    }
  }
}
