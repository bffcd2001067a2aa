import CommandLineTool
import DeskCore
import Foundation
import TestKit
import Testing

@testable import DeskReporting

@Suite("Acknowledgement log")
struct AcknowledgementLogTests {
  private static let first = Acknowledgement(channel: "web", externalID: "1", messageID: "m", ticketID: "t")
  private static let second = Acknowledgement(channel: "app", externalID: "2", messageID: "n", ticketID: "u")

  @Test("Lines appended by several writers are read back")
  func roundTrip() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let path = folder.path("file")
    try AcknowledgementLog(path: path).append([Self.first])
    try AcknowledgementLog(path: path).append([Self.second])
    #expect(try AcknowledgementLog.read(path: path) == [Self.first, Self.second])
  }

  @Test("An incomplete last line is ignored; a broken line elsewhere is an error with its line number")
  func cutOff() throws {
    let whole = #"{"channel":"web","external_id":"1","message_id":"m","ticket_id":"t"}"#
    #expect(try AcknowledgementLog.parse(Data("\(whole)\n{\"chan".utf8), path: "f") == [Self.first])
    #expect {
      try AcknowledgementLog.parse(Data("\(whole)\nbroken\n\(whole)\n".utf8), path: "f")
    } throws: {
      "\($0)".contains("line 2")
    }
  }

  @Test("A time is written and read back to the microsecond")
  func times() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    var dated = Self.first
    dated.messageID = MessageID(high: 1, low: 2).description
    dated.acknowledgedAt = Instant(microseconds: 1_800_000_000_123_456)
    try AcknowledgementLog(path: folder.path("file")).append([dated])
    #expect(try AcknowledgementLog.read(path: folder.path("file"), isDated: true) == [dated])
  }

  @Test(
    "Every mistake is named with its line and column",
    arguments: [
      ("[]", 1, "an array, not an object"), (#"{"channel":"web" "x"}"#, 18, "not a JSON object"),
      (#"{"channel":"web","external_id":"1","message_id":"m"}"#, 36, "message_id is not an identifier"),
      (#"{"channel":"web","message_id":"m"}"#, 1, "external_id is missing"),
      (#"{"channel":7,"external_id":"1","message_id":"m"}"#, 2, "channel is not a text"),
      (#"{"channel":"","external_id":"1","message_id":"m"}"#, 2, "channel is not a text"),
      (
        #"{"channel":"é","external_id":"1","message_id":"00000000-0000-7000-8000-000000000001"}"#, 1,
        "acknowledged_at is missing"
      ),
      (
        #"{"channel":"é","external_id":"\"acknowledged_at\"","message_id":"00000000-0000-7000-8000-000000000001","acknowledged_at":"noon"}"#,
        104, "not a time with its offset"
      ),
      ("{\"channel\":\"\u{1}\"}", 12, "not a JSON object"),
    ])
  func mistakes(_ line: String, _ column: Int, _ problem: String) throws {
    let good = """
      {"channel":"web","external_id":"0","message_id":"00000000-0000-7000-8000-000000000001","acknowledged_at":"2026-11-30T00:00:00Z","more":[1]}
      """
    let error = #expect(throws: CommandFailure.self) {
      try AcknowledgementLog.parse(Data("\(good)\n\(line)\n\(good)\n".utf8), path: "f", isDated: true)
    }
    #expect(error?.status == .wrongCall)
    #expect(error?.problem.contains("f, line 2, column \(column): ") == true, "\(error?.problem ?? "none")")
    #expect(error?.problem.contains(problem) == true, "\(error?.problem ?? "none")")
  }

  @Test(
    "What no database can be asked for is a mistake of the line, and names the field",
    arguments: [
      (
        #"{"channel":"web","external_id":"x\u0000y","message_id":"ID"}"#, 18,
        "external_id contains the character U+0000"
      ),
      (#"{"channel":"a\u0000","external_id":"x","message_id":"ID"}"#, 2, "channel contains the character U+0000"),
      (
        #"{"channel":"web","external_id":"x\ud800y","message_id":"ID"}"#, 34,
        "external_id contains half a surrogate pair"
      ),
      (#"{"channel":"web","external_id":"LONG","message_id":"ID"}"#, 18, "external_id has 201 characters"),
      (#"{"channel":"LONG","external_id":"x","message_id":"ID"}"#, 2, "channel has 201 characters"),
      (#"{"channel":"web","external_id":"x","message_id":"x\u0000y"}"#, 36, "message_id is not an identifier"),
    ])
  func unaskable(_ line: String, _ column: Int, _ problem: String) throws {
    let line = line.replacing("LONG", with: String(repeating: "é", count: 201))
      .replacing("ID", with: "00000000-0000-7000-8000-000000000001")
    let error = #expect(throws: CommandFailure.self) {
      try AcknowledgementLog.parse(Data("\(line)\n".utf8), path: "f", isIdentified: true)
    }
    #expect(error?.status == .wrongCall && error?.remedy != nil)
    #expect(error?.problem.contains("f, line 1, column \(column): \(problem)") == true, "\(error?.problem ?? "none")")
  }
}
