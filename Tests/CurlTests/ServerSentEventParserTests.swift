import Curl
import Testing

@Suite struct ServerSentEventParserTests {
  private func parse(_ text: String) throws -> [ServerSentEvent] {
    var parser = ServerSentEventParser()
    return try parser.parse(text.utf8)
  }

  @Test(arguments: [
    ("data: one\n\n", ["one"]),
    ("data:one\n\n", ["one"]),
    ("data:  one\n\n", [" one"]),
    ("data: one\r\n\r\n", ["one"]),
    ("data: one\r\r", ["one"]),
    ("data: a\ndata: b\n\n", ["a\nb"]),
    ("data\n\n", [""]),
    ("data\ndata\n\n", ["\n"]),
    ("data: no end", []),
    ("data: no blank line\n", []),
    (": comment\n\n", []),
    ("\n\n\n", []),
    ("unknown: x\ndata: y\n\n", ["y"]),
    (" data: x\n\n", []),
    ("Data: x\n\n", []),
    ("\u{FEFF}data: x\n\n", ["x"]),
    ("data: x\n\n\u{FEFF}data: y\n\n", ["x"]),
    ("data: a:b: c\n\n", ["a:b: c"]),
    ("data: 顾客\n\n", ["顾客"]),
  ])
  func readsData(text: String, data: [String]) throws {
    #expect(try parse(text).map(\.data) == data)
  }

  @Test func remembersTheLastIDAndForgetsTheType() throws {
    let events = try parse("event: offer\nid: 7\ndata: a\n\ndata: b\n\nid\ndata: c\n\nid: 8\u{0}\ndata: d\n\n")
    #expect(
      events == [
        ServerSentEvent(type: "offer", data: "a", lastEventID: "7"), ServerSentEvent(data: "b", lastEventID: "7"),
        ServerSentEvent(data: "c", lastEventID: ""), ServerSentEvent(data: "d", lastEventID: ""),
      ])
  }

  @Test func anIDWithoutDataAppliesAtABlankLine() throws {
    var parser = ServerSentEventParser()
    _ = try parser.parse("id: 3\n".utf8)
    #expect(parser.lastEventID == "")
    _ = try parser.parse("\n".utf8)
    #expect(parser.lastEventID == "3")
  }

  @Test func readsOnlyNumericReconnectionTimes() throws {
    var parser = ServerSentEventParser()
    _ = try parser.parse("retry: 1500\nretry: 2s\nretry:\nretry: -1\n".utf8)
    #expect(parser.reconnectionTime == .milliseconds(1500))
  }

  @Test func chunkBoundariesDoNotMatter() throws {
    let text = "\u{FEFF}id: 1\r\nevent: é\r\ndata: 你好\r\ndata\r\n\r\n: c\r\rdata: x\n\n"
    let whole = try parse(text)
    #expect(whole.count == 2)
    let bytes = Array(text.utf8)
    for cut in 0...bytes.count {
      var parser = ServerSentEventParser()
      let events = try parser.parse(bytes[..<cut]) + parser.parse(bytes[cut...])
      #expect(events == whole)
    }
  }

  @Test(arguments: [String(repeating: "x", count: 101), String(repeating: "data: 0123456789\n", count: 12)])
  func refusesOversizedEvents(text: String) {
    var parser = ServerSentEventParser(maximumEventBytes: 100)
    #expect(throws: ServerSentEventParser.Failure.eventTooLarge(maximumBytes: 100)) { try parser.parse(text.utf8) }
  }
}
