import Foundation
import Logging
import Observability
import Testing

@Suite struct ServiceLogHandlerTests {
  /// Runs `body` with a logger and returns what it has written.
  private func written(_ format: LogFormat, _ body: (Logger) -> Void) throws -> String {
    let pipe = Pipe()
    let logger = Logger(label: "router") { label in
      ServiceLogHandler(
        label: label, origin: .init(service: "router", instance: "r-1"), format: format, level: .debug,
        sink: LogSink(descriptor: pipe.fileHandleForWriting.fileDescriptor), metadataProvider: nil,
        now: { (1_700_000_000, 5_000_000) })
    }
    body(logger)
    try pipe.fileHandleForWriting.close()
    return String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
  }

  @Test func writesOneJSONObjectPerLine() throws {
    let text = try written(.json) {
      $0.info("a \"b\"\n\u{1}", metadata: ["count": .stringConvertible(3), "at": "x", "list": ["y", ["z": "1"]]])
      $0.trace("below the level")
    }
    #expect(
      text == """
        {"at":"2023-11-14T22:13:20.005Z","level":"info","service":"router","instance":"r-1","message":"a \\"b\\"\\n\\u0001",\
        "_at":"x","count":3,"list":["y",{"z":"1"}]}

        """)
  }

  @Test func aTextRecordIsOneLine() throws {
    let text = try written(.text) { $0.error("first\nsecond", metadata: ["key": "plain", "other": "two words"]) }
    #expect(text.split(separator: "\n").count == 1)
    #expect(text.hasPrefix("22:13:20.005Z ERROR"))
    #expect(text.hasSuffix("key=plain other=\"two words\"\n"))
  }

  @Test(arguments: [LogFormat.text, .json])
  func recordsCannotControlATerminalOrForgeRecords(_ format: LogFormat) throws {
    let foreign = "x\r\n22:13:20.005Z ERROR forged\u{1B}[2J\u{9B}31m\u{202E}\u{2028}\u{7F}"
    struct Foreign: Error, CustomStringConvertible { let description: String }
    let text = try written(format) {
      $0.error(
        "\(foreign)", error: Foreign(description: foreign), metadata: ["reason": "\(foreign)", "list": ["\(foreign)"]])
    }
    let controls = text.unicodeScalars.dropLast().filter {
      $0.properties.generalCategory == .control || (0x2028...0x202E).contains($0.value)
    }
    #expect(controls.isEmpty && text.utf8.last == 0x0A, "\(text)")
  }

  @Test func aClosedPipeDoesNotStopTheService() throws {
    signal(SIGPIPE, SIG_IGN)
    let pipe = Pipe()
    try pipe.fileHandleForReading.close()
    let sink = LogSink(descriptor: pipe.fileHandleForWriting.fileDescriptor)
    let handler = ServiceLogHandler(label: "x", origin: .init(service: "x", instance: "1"), format: .json, sink: sink)
    let logger = Logger(label: "x") { _ in handler }
    for _ in 0..<10 { logger.info("unread") }
    #expect(logger.logLevel == .info)
  }

  @Test func redactionRevealsNothing() {
    let hidden = Redacted("secret")
    var dumped = ""
    dump(hidden, to: &dumped)
    #expect(!"\(hidden)\(String(reflecting: hidden))\([hidden])\(dumped)".contains("secret"))
    #expect(hidden.value == "secret")
  }
}
