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
}
