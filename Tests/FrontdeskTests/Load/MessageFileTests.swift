import DeskCore
import Foundation
import Testing

@testable import CommandLineTool
@testable import LoadTesting

@Suite("Message file")
struct MessageFileTests {
  @Test(
    "Recorded messages are read, ignoring other members, empty lines and a missing last line end")
  func recorded() throws {
    let text = """
      {"channel":"app","external_id":"m1","customer":"c","text":"你好","at_seconds":1.5,"lang":"zh","source":"x"}

      {"channel":"web","id":"m2","customer":"d","text":"hi","subject":"s"}
      """
    let file = MessageFile(Data(text.utf8))
    #expect(file.count == 2)
    #expect(try file.message(0) == SentMessage(channel: "app", id: "m1", customer: "c", text: "你好", subject: nil))
    #expect(try file.message(1) == SentMessage(channel: "web", id: "m2", customer: "d", text: "hi", subject: "s"))
  }

  @Test("A line without a channel uses the fallback, or is refused")
  func fallback() throws {
    let bytes = Data(#"{"id":"m","customer":"c","text":"t"}"#.utf8)
    #expect(try MessageFile(bytes, fallback: "web").message(0).channel == "web")
    #expect(throws: CommandFailure.self) { try MessageFile(bytes).message(0) }
  }

  @Test("A wrong line is reported by its position, never by its text")
  func wrongLine() {
    let file = MessageFile(Data("{\"customer\":\"secret words\"}\n".utf8), fallback: "web")
    #expect {
      try file.message(0)
    } throws: { error in
      "\(error)".contains("message 1") && !"\(error)".contains("secret")
    }
  }
}
