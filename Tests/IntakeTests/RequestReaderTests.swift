import DeskCore
import PostgreSQL
import Store
import SwiftProtobuf
import TestKit
import Testing
import Wire

@testable import Intake

@Suite("RequestReader")
struct RequestReaderTests {
  private static let channel: ChannelID = "web"

  private func json(_ text: [UInt8], key: String? = nil) throws(BodyFault) -> ReadRequest {
    try text.withUnsafeBufferPointer { bytes throws(BodyFault) in
      try RequestReader.json(bytes, channel: Self.channel, requestKey: key)
    }
  }

  private func json(_ text: String, key: String? = nil) throws(BodyFault) -> ReadRequest {
    try json(Array(text.utf8), key: key)
  }

  private func lines(_ text: [UInt8], key: String? = nil) throws(BodyFault) -> ReadRequest {
    try text.withUnsafeBufferPointer { bytes throws(BodyFault) in
      try RequestReader.lines(bytes, channel: Self.channel, requestKey: key)
    }
  }

  private func lines(_ text: String, key: String? = nil) throws(BodyFault) -> ReadRequest {
    try lines(Array(text.utf8), key: key)
  }

  private func protobuf(_ body: [UInt8]) throws(BodyFault) -> ReadRequest {
    try RequestReader.protobuf(body, channel: Self.channel)
  }

  private func fault(_ message: ReadMessage) -> MessageFault? {
    if case .failure(let fault) = message.result { fault } else { nil }
  }

  @Test("unreadable bodies are refused as a whole, with a remedy", arguments: BadInputs.bodies)
  func refusesUnreadableBodies(input: BadInput) throws {
    // A list is refused as a whole or message by message; nothing of it is accepted either way.
    do throws(BodyFault) {
      let read = try json(input.body)
      #expect(!read.messages.isEmpty, "neither the body nor a message was refused")
      #expect(read.messages.allSatisfy { (try? $0.result.get()) == nil }, "something was accepted")
    } catch {
      #expect(!error.detail.isEmpty)
      #expect(!error.remedy.isEmpty)
    }
  }

  @Test("faults of invalid messages name field and remedy", arguments: BadInputs.messages)
  func faultsNameFieldAndRemedy(input: BadInput) throws {
    let read = try json(input.body)
    #expect(read.isSingle)
    let message = try #require(read.messages.first)
    guard case .failure(let fault) = message.result else {
      Issue.record("the message was accepted")
      return
    }
    #expect(fault.field == input.field)
    #expect(!fault.detail.isEmpty)
    #expect(!fault.remedy.isEmpty)
  }

  @Test("the table of bad inputs is complete")
  func tableOfBadInputsIsComplete() {
    #expect(BadInputs.bodies.count + BadInputs.messages.count >= 60)
  }

  @Test("faults never quote customers' texts or ids")
  func faultsNeverQuoteCustomerData() throws {
    let secret = "SECRET" + String(repeating: "x", count: 20_000)
    for field in ["id", "customer", "text", "subject", "thread"] {
      let others = ["id", "customer", "text"].filter { $0 != field }.map { #""\#($0)":"o","# }.joined()
      let read = try json(#"{\#(others)"\#(field)":"\#(secret)"}"#)
      guard case .failure(let fault) = try #require(read.messages.first).result else {
        Issue.record("\(field) was accepted")
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

  @Test("ids are derived from the request's key for messages without one")
  func derivesIDsFromTheRequestKey() throws {
    let single = try json(#"{"customer":"c","text":"t"}"#, key: "key")
    #expect(single.messages.map(\.id) == ["key"])
    let list = try json(#"[{"customer":"c","text":"t"},{"id":"own","customer":"c","text":"t"}]"#, key: "key")
    #expect(!list.isSingle)
    #expect(try list.messages.map { try $0.result.get().id } == ["key#0", "own"])
    let lines = try lines("{\"customer\":\"c\",\"text\":\"t\"}\n\n{\"customer\":\"c\",\"text\":\"t\"}\n", key: "k")
    #expect(try lines.messages.map { try $0.result.get().id } == ["k#0", "k#1"])
  }

  @Test("an unreadable line is rejected individually")
  func rejectsUnreadableLinesIndividually() throws {
    let read = try lines("{\"id\":\"a\",\"customer\":\"c\",\"text\":\"t\"}\r\n{broken\n{\"id\":\"b\"}")
    #expect(read.messages.map { (try? $0.result.get()) != nil } == [true, false, false])
    #expect(read.messages.map(\.id) == ["a", nil, "b"])
    #expect(throws: BodyFault.self) { _ = try self.lines("\n \r\n") }
  }

  @Test("the same message has the same digest in every format, and any change gives a different one")
  func digestDependsOnlyOnContent() throws {
    let web = try json(
      #"{"text":"t","customer":"c","id":"m","sent_at":"2026-11-22T00:00:00Z","attributes":{"a":"1","b":"2"}}"#)
    let batch = WireChannelBatch.with {
      $0.messages = [
        .with {
          $0.id = "m"
          $0.channel = "web"
          $0.customer = "c"
          $0.text = "t"
          $0.sentAt = "2026-11-22T08:00:00.000+08:00"
          $0.attributes = [Self.attribute("b", "2"), Self.attribute("a", "1")]
        }
      ]
    }
    let protobuf = try protobuf(try batch.serializedBytes())
    let digests = try [web, protobuf].map { try #require($0.messages.first).result.get().digest }
    #expect(Set(digests).count == 1)
    let changed = try json(#"{"id":"m","customer":"c","text":"t."}"#)
    let moved = try json(#"{"id":"m","customer":"ct","text":"."}"#)
    let others = try [changed, moved].map { try #require($0.messages.first).result.get().digest }
    #expect(Set(digests + others).count == 3)
  }

  private static func attribute(_ name: String, _ value: String) -> WireAttribute {
    .with {
      $0.name = name
      $0.value = value
    }
  }

  @Test("invalid protobuf is refused, and an invalid message individually")
  func refusesInvalidProtobuf() throws {
    #expect(throws: BodyFault.self) { _ = try self.protobuf([0xFF, 0xFF, 0xFF]) }
    #expect(throws: BodyFault.empty) { _ = try self.protobuf([]) }
    let batch = WireChannelBatch.with {
      $0.messages = [.with { $0.id = "m" }, .with { $0.sentAt = "1" }, .with { $0.channel = "app" }]
    }
    let read = try protobuf(try batch.serializedBytes())
    #expect(read.messages.map { fault($0)?.field } == ["/customer", "/sent_at", "/channel"])
  }

  @Test("a message with damaged protobuf is rejected individually, by its id")
  func rejectsDamagedProtobufIndividually() throws {
    let good =
      try WireChannelMessage.with {
        $0.id = "good"
        $0.customer = "c"
        $0.text = "t"
      }.serializedBytes() as [UInt8]
    // Field 1 is the id, field 3 the text: one byte that is not UTF-8.
    let text: [UInt8] = [0x0A, 1, 0x62, 0x1A, 1, 0xFF]
    let id: [UInt8] = [0x0A, 2, 0x62, 0xFF, 0x1A, 1, 0x74]
    let cut: [UInt8] = [0x0A, 1, 0x62, 0x1A, 9, 0x74]
    var body: [UInt8] = []
    for message in [good, text, id, cut, good] { body += [0x0A, UInt8(message.count)] + message }
    let read = try protobuf(body)
    #expect(read.messages.map(\.id) == ["good", "b", nil, nil, "good"])
    let rejections: [IntakeMetrics.Rejection?] = [nil, .malformed, .malformed, .malformed, nil]
    #expect(read.messages.map { fault($0)?.rejection } == rejections)
  }
}

/// One malformed message of several.
extension RequestReaderTests {
  private static let good = #"{"id":"g","customer":"c","text":"t"}"#

  /// The contents of a string, and the expected reason.
  private static let damages: [(bytes: [UInt8], reason: String)] = [
    (Array(#"hi \ud83d"#.utf8), "unpaired surrogate"), (Array(#"\ud83d\ud83d"#.utf8), "unpaired surrogate"),
    (Array(#"\ude00"#.utf8), "unpaired surrogate"), (Array(#"\ud83d and on"#.utf8), "unpaired surrogate"),
    (Array(#"\ud83d\n"#.utf8), "unpaired surrogate"), (Array(#"\x \" , ] }"#.utf8), "not a JSON escape"),
    (Array(#"\u12"#.utf8), "not a JSON escape"), (Array(#"\u\"}"#.utf8), "not a JSON escape"),
    ([0x61, 0x01, 0x62], "control character"), ([0x09], "control character"),
    ([0xE5, 0xAE], "not valid UTF-8"), ([0xC0, 0xAF], "not valid UTF-8"), ([0xED, 0xA0, 0xBD], "not valid UTF-8"),
    (Array(#"\" \n"#.utf8) + [0xFF], "not valid UTF-8"),
  ]

  @Test("a malformed string affects only its own message", arguments: damages.indices)
  func malformedStringsAffectOnlyTheirMessage(row: Int) throws {
    let (bytes, reason) = Self.damages[row]
    func message(_ name: String, _ rest: String) -> [UInt8] {
      Array("{\"id\":\"\(name)\",\"customer\":\"c\",".utf8)
        + Array(rest.utf8).split(separator: UInt8(ascii: "?"), omittingEmptySubsequences: false)
        .joined(separator: bytes)
    }
    let rows: [(String?, [UInt8], String)] = [
      ("1", message("1", #""text":"?"}"#), "/text"),
      ("2", message("2", #""text":"t","attributes":{"a":"?"}}"#), "/attributes"),
      ("3", message("3", #""text":"t","attributes":{"?":"a"}}"#), "/attributes"),
      ("4", message("4", #""text":"t","?":"a"}"#), ""),
      ("5", message("5", #""text":"t","attachments":[{"url":"?"}]}"#), "/attachments/0/url"),
      ("6", message("6", #""text":"t","contact":{"email":"?"}}"#), "/contact/email"),
      (nil, message("7", #""text":"t","id":"?"}"#), "/id"),
      ("8", message("8", #""text":"t","subject":["?"]}"#), "/subject"),
    ]
    let good = Array(Self.good.utf8)
    let elements = [good] + rows.map(\.1) + [good]
    let array = try json([0x5B] + Array(elements.joined(separator: [0x2C])) + [0x5D])
    let lines = try lines(Array(elements.joined(separator: [0x0A])))
    for read in [array, lines] {
      #expect(read.messages.map(\.id) == ["g"] + rows.map(\.0) + ["g"])
      #expect(read.messages.map { fault($0)?.field } == [nil] + rows.map(\.2) + [nil])
      for message in read.messages.dropFirst().dropLast().dropLast() {
        let fault = try #require(self.fault(message))
        #expect(fault.detail.contains(reason), "\(fault.detail)")
        #expect(fault.rejection == .malformed && !fault.remedy.isEmpty)
      }
    }
    // Alone it is an unreadable body.
    #expect(throws: BodyFault.self) { _ = try self.json(rows[0].1) }
  }

  @Test("a truncated line is rejected by the id before the break")
  func rejectsTruncatedLinesByTheirID() throws {
    let read = try lines(
      """
      {"id":"a","customer":"c","text":"brea
      {"customer":"c","text":"t","id":"b"
      {"id":"c","text":"t"]
      {"customer":"c","text":"t" "id":"d"}
      {"id":"e
      [{"id":"f"
      \(Self.good)
      """)
    #expect(read.messages.map(\.id) == ["a", "b", "c", nil, nil, nil, "g"])
    #expect(read.messages.map { fault($0)?.rejection == .malformed } == [true, true, true, true, true, true, false])
  }

  @Test("a document with a broken structure is refused as a whole, with the likeliest cause")
  func refusesBrokenStructure() throws {
    let unterminated = #"[{"id":"a","customer":"c","text":"\ud83d},{"id":"b","customer":"c","text":"t"}]"#
    let fault = #expect(throws: BodyFault.self) { _ = try self.json(unterminated) }
    #expect(fault?.detail.contains("surrogate") == true)
    let gbk = Array(#"[{"id":"a","customer":"c","text":"?"}]"#.utf8).split(separator: UInt8(ascii: "?")).joined(
      separator: [0xCE, 0xD2, 0x81, 0x5C])
    let other = #expect(throws: BodyFault.self) { _ = try self.json(Array(gbk)) }
    #expect(other?.detail.contains("UTF-8") == true, "the last byte of a character hides the quote")
  }

  @Test("a byte order mark at the beginning is skipped, in every format")
  func skipsByteOrderMark() throws {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let good = Array(Self.good.utf8)
    #expect(try json(mark + good).messages.map(\.id) == ["g"])
    #expect(try json(mark + [0x5B] + good + [0x5D]).messages.map(\.id) == ["g"])
    let two = try lines(mark + good + [0x0A] + good)
    #expect(two.messages.map { fault($0) } == [nil, nil] && two.messages.map(\.id) == ["g", "g"])
    #expect(try lines(mark + [0x0D, 0x0A] + good).messages.map(\.id) == ["g"])
    #expect(throws: BodyFault.empty) { _ = try self.lines(mark + [0x0A]) }
    // Twice it is not a mark but a character, and between lines it belongs to a file that was appended to another.
    #expect(throws: BodyFault.self) { _ = try self.json(mark + mark + good) }
    #expect(try lines(good + [0x0A] + mark + good).messages.map(\.id) == ["g", "g"])
  }

  @Test("names of fields and attributes are compared byte by byte")
  func comparesNamesByteByByte() throws {
    for text in ["id\u{301}", "text\u{200D}", "\u{FEFF}id", "ＩＤ"] {
      let read = try json(#"{"\#(text)":"m","customer":"c","text":"t"}"#)
      #expect(read.messages.map(\.id) == [nil])
      #expect(fault(read.messages[0])?.field == "")
    }
    let members = NormalForms.texts.filter { $0 != "\"" && $0 != "\"\u{301}" }.map { "\"\($0)\":\"\($0)\"" }.joined(
      separator: ",")
    let draft = try json(#"{"id":"m","customer":"c","text":"t","attributes":{\#(members),\#(members)}}"#).messages[0]
      .result.get()
    let names = draft.attributes.map { Array($0.name.utf8) }
    #expect(names.count == NormalForms.texts.count - 2 && Set(names).count == names.count)
    #expect(draft.attributes.allSatisfy { $0.name.hasSameBytes(as: $0.value) })
    let batch = WireChannelBatch.with {
      $0.messages = [
        .with {
          $0.id = "m"
          $0.customer = "c"
          $0.text = "t"
          $0.attributes =
            NormalForms.texts.map { Self.attribute($0, "\($0)-") } + NormalForms.texts.map { Self.attribute($0, $0) }
        }
      ]
    }
    let other = try protobuf(try batch.serializedBytes()).messages[0].result.get()
    #expect(Set(other.attributes.map { Array($0.name.utf8) }).count == NormalForms.texts.count)
    #expect(other.attributes.allSatisfy { $0.name.hasSameBytes(as: $0.value) }, "the last of equal names wins")
  }

  @Test("an unchanged draft is equal, and one that only looks the same is not")
  func comparesDraftsByteByByte() throws {
    func draft(_ text: String) throws -> MessageDraft {
      try MessageRules.draft(MessageFields(id: "m", customer: "c", text: text))
    }
    #expect(try draft("\u{E9}") == draft("\u{E9}"))
    #expect(try draft("\u{E9}") != draft("e\u{301}"))
  }

  @Test(
    "refuses a text without visible characters", arguments: ["\u{200B}", "\u{3164}", " \u{FEFF}\n", "\u{2800}"])
  func refusesBlankTexts(text: String) throws {
    let fields = MessageFields(id: "m", customer: "c", text: text)
    #expect(throws: MessageFault.self) { _ = try MessageRules.draft(fields) }
  }
}
