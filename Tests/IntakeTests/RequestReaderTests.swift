import DeskCore
import PostgreSQL
import Store
import SwiftProtobuf
import Testing
import Wire

@testable import Intake

@Suite("RequestReader")
struct RequestReaderTests {
  private static let channel: ChannelID = "web"

  private func json(_ text: [UInt8], form: MessageForm = .web, key: String? = nil) throws(BodyFault) -> ReadRequest {
    try text.withUnsafeBufferPointer { bytes throws(BodyFault) in
      try RequestReader.json(bytes, form: form, channel: Self.channel, requestKey: key)
    }
  }

  private func json(_ text: String, form: MessageForm = .web, key: String? = nil) throws(BodyFault) -> ReadRequest {
    try json(Array(text.utf8), form: form, key: key)
  }

  private func lines(_ text: String, key: String? = nil) throws(BodyFault) -> ReadRequest {
    try Array(text.utf8).withUnsafeBufferPointer { bytes throws(BodyFault) in
      try RequestReader.lines(bytes, channel: Self.channel, requestKey: key)
    }
  }

  @Test("bodies that are none are refused as a whole, with a remedy", arguments: BadInputs.bodies)
  func refusesBodies(input: BadInput) throws {
    // A list is refused as a whole or message by message; nothing of it is taken either way.
    do throws(BodyFault) {
      let read = try json(input.body)
      #expect(read.messages.allSatisfy { (try? $0.result.get()) == nil }, "something was taken")
    } catch {
      #expect(!error.detail.isEmpty)
      #expect(!error.remedy.isEmpty)
    }
  }

  @Test("messages that are wrong name field and remedy", arguments: BadInputs.messages)
  func refusesMessages(input: BadInput) throws {
    let read = try json(input.body)
    #expect(read.isSingle)
    let message = try #require(read.messages.first)
    guard case .failure(let fault) = message.result else {
      Issue.record("the message was taken")
      return
    }
    #expect(fault.field == input.field)
    #expect(!fault.detail.isEmpty)
    #expect(!fault.remedy.isEmpty)
  }

  @Test("the table is as long as was asked for")
  func tableIsLong() {
    #expect(BadInputs.bodies.count + BadInputs.messages.count >= 60)
  }

  @Test("faults never quote the customer's words or ids")
  func faultsKeepSecrets() throws {
    let secret = "SECRET" + String(repeating: "x", count: 20_000)
    for field in ["id", "customer", "text", "subject", "thread"] {
      let others = ["id", "customer", "text"].filter { $0 != field }.map { #""\#($0)":"o","# }.joined()
      let read = try json(#"{\#(others)"\#(field)":"\#(secret)"}"#)
      guard case .failure(let fault) = try #require(read.messages.first).result else {
        Issue.record("\(field) was taken")
        continue
      }
      #expect(!"\(fault)".contains("SECRET"))
    }
  }

  @Test("a full message is read and normalised")
  func readsFullMessage() throws {
    let read = try json(
      #"""
      {"id":"m-1","channel":"web","customer":"c\u00e9","text":"Hello \ud83d\ude00","subject":"","thread":"t-1",
       "sent_at":"2026-11-22T16:30:00.5+08:00","attributes":{"b":"2","a":"1","b":"3"},
       "attachments":[{"url":"HTTPS://files.example.com/a.png","media_type":"image/png","name":null}]}
      """#)
    let draft = try #require(read.messages.first).result.get()
    #expect(draft.id == "m-1")
    #expect(draft.customer == "cé")
    #expect(draft.text == "Hello 😀")
    #expect(draft.subject == nil)
    #expect(draft.thread == "t-1")
    #expect(draft.sentAt == Instant(microseconds: 1_795_336_200_500_000))
    #expect(draft.attributes.map(\.name) == ["a", "b"])
    #expect(draft.attributes.map(\.value) == ["1", "3"])
    #expect(draft.attachments.first?.mediaType == "image/png")
    let incoming = draft.incoming(
      channel: "web", message: MessageID(high: 1, low: 2), ticket: TicketID(high: 3, low: 4), traceparent: nil)
    #expect(incoming.attributes?.text == #"{"a":"1","b":"3","thread":"t-1"}"#)
    #expect(incoming.digest.count == 16)
  }

  @Test("limits count characters, not bytes")
  func limitsCountCharacters() throws {
    let read = try json(#"{"id":"m","customer":"c","text":"\#(String(repeating: "字", count: 20_000))"}"#)
    #expect(throws: Never.self) { try #require(read.messages.first).result.get() }
  }

  @Test("ids are derived from the request's key where a message has none")
  func derivesIDs() throws {
    let single = try json(#"{"customer":"c","text":"t"}"#, key: "key")
    #expect(single.messages.map(\.id) == ["key"])
    let list = try json(#"[{"customer":"c","text":"t"},{"id":"own","customer":"c","text":"t"}]"#, key: "key")
    #expect(!list.isSingle)
    #expect(try list.messages.map { try $0.result.get().id } == ["key#0", "own"])
    let lines = try lines("{\"customer\":\"c\",\"text\":\"t\"}\n\n{\"customer\":\"c\",\"text\":\"t\"}\n", key: "k")
    #expect(try lines.messages.map { try $0.result.get().id } == ["k#0", "k#1"])
  }

  @Test("a line that cannot be read is rejected alone")
  func rejectsLinesAlone() throws {
    let read = try lines("{\"id\":\"a\",\"customer\":\"c\",\"text\":\"t\"}\r\n{broken\n{\"id\":\"b\"}")
    #expect(read.messages.map { (try? $0.result.get()) != nil } == [true, false, false])
    #expect(read.messages.map(\.id) == ["a", nil, "b"])
    #expect(throws: BodyFault.self) { _ = try self.lines("\n \r\n") }
  }

  @Test("the same message has the same digest in every form, and any change another")
  func digestIsOfTheContent() throws {
    let web = try json(
      #"{"text":"t","customer":"c","id":"m","sent_at":"2026-11-22T00:00:00Z","attributes":{"a":"1","b":"2"}}"#)
    let wire = try json(
      #"{"id":"m","customer":"c","text":"t","sentAtMs":"1795305600000","attributes":{"b":"2","a":"1"}}"#, form: .wire)
    let batch = WireChannelBatch.with {
      $0.messages = [
        .with {
          $0.id = "m"
          $0.customer = "c"
          $0.text = "t"
          $0.sentAtMs = 1_795_305_600_000
          $0.attributes = ["b": "2", "a": "1"]
        }
      ]
    }
    let protobuf = try RequestReader.protobuf(try batch.serializedBytes())
    let digests = try [web, wire, protobuf].map { try #require($0.messages.first).result.get().digest }
    #expect(Set(digests).count == 1)
    let changed = try json(#"{"id":"m","customer":"c","text":"t "}"#)
    let moved = try json(#"{"id":"m","customer":"ct","text":" "}"#)
    let others = try [changed, moved].map { try #require($0.messages.first).result.get().digest }
    #expect(Set(digests + others).count == 3)
  }

  @Test("protobuf that is none is refused, and a wrong message alone")
  func protobuf() throws {
    #expect(throws: BodyFault.self) { _ = try RequestReader.protobuf([0xFF, 0xFF, 0xFF]) }
    #expect(throws: BodyFault.empty) { _ = try RequestReader.protobuf([]) }
    let batch = WireChannelBatch.with { $0.messages = [.with { $0.id = "m" }, .with { $0.sentAtMs = -1 }] }
    let read = try RequestReader.protobuf(try batch.serializedBytes())
    let fields = read.messages.map { message -> String? in
      if case .failure(let fault) = message.result { fault.field } else { nil }
    }
    #expect(fields == ["/customer", "/sent_at_ms"])
  }

  @Test(
    "moments in milliseconds are whole numbers inside the calendar",
    arguments: [
      ("1", true), ("\"1\"", true), ("0", true), ("1.5", false), ("\"x\"", false), ("-1", false), ("true", false),
    ])
  func milliseconds(value: String, isTaken: Bool) throws {
    let read = try json(#"{"id":"m","customer":"c","text":"t","sent_at_ms":\#(value)}"#, form: .wire)
    #expect(((try? read.messages.first?.result.get()) != nil) == isTaken)
  }
}
