import Foundation
import Testing

@testable import CommandLineTool
@testable import DeskSupervisor

@Suite struct ControlProtocolTests {
  @Test(arguments: [
    ControlRequest.scale(service: .router, count: 4), .scale(service: .slaWatcher, count: 0), .list, .stop,
  ])
  func aWrittenRequestIsReadBack(_ request: ControlRequest) throws {
    let line = try request.line()
    #expect(line.last == UInt8(ascii: "\n"))
    #expect(line.count { $0 == UInt8(ascii: "\n") } == 1)
    #expect(try ControlRequest(line: line) == request)
  }

  @Test func theDocumentedRequestsAreUnderstood() throws {
    #expect(
      try ControlRequest(line: #"{"scale":{"service":"router","count":4}}"#.utf8) == .scale(service: .router, count: 4))
    #expect(try ControlRequest(line: #"{"list":true}"#.utf8) == .list)
    #expect(try ControlRequest(line: #"{"stop":true}"#.utf8) == .stop)
  }

  @Test(arguments: [
    "", "{}", "[]", "list", #"{"list":false}"#, #"{"list":true,"stop":true}"#, #"{"scale":{"service":"router"}}"#,
    #"{"scale":{"service":"router","count":"4"}}"#, #"{"scale":{"service":"postgres","count":1}}"#,
    #"{"scale":{"service":"router","count":-1}}"#, #"{"scale":{"service":"router","count":33}}"#,
    #"{"scale":{"service":"intake","count":2}}"#, #"{"scale":{"service":"console","count":0}}"#, "\u{0}\u{FF}",
  ])
  func anythingElseIsRefusedWithARemedy(_ line: String) throws {
    let failure = try #require(throws: CommandFailure.self) { _ = try ControlRequest(line: line.utf8) }
    #expect(failure.status == .wrongCall)
    #expect(failure.remedy?.isEmpty == false)
  }
}
