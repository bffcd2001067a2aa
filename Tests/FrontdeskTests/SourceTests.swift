import Foundation
import Testing

/// Rules about the source itself that the compiler does not check.
@Suite("The source follows these rules:")
struct SourceTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// The files of a folder, their path from the root and their lines.
  private static func files(in folder: String) -> [(path: String, lines: [Substring])] {
    let base = root.appending(path: folder)
    let all = FileManager.default.enumerator(at: base, includingPropertiesForKeys: nil)?.compactMap { $0 as? URL } ?? []
    return all.filter { $0.pathExtension == "swift" && !$0.path.contains("/Generated/") }.compactMap { url in
      (try? String(contentsOf: url, encoding: .utf8)).map {
        (String(url.path.dropFirst(root.path.count + 1)), $0.split(separator: "\n", omittingEmptySubsequences: false))
      }
    }
  }

  @Test("the command writes to the terminal in one place, which escapes external text")
  func oneExit() {
    for (path, lines) in Self.files(in: "Services/Frontdesk") where !path.hasSuffix("/Terminal.swift") {
      for (number, line) in lines.enumerated() {
        let exits = ["FileHandle.standardOutput", "FileHandle.standardError", " print(", "fputs(", "putchar("]
        #expect(
          !exits.contains { line.contains($0) && !line.contains("func print(") },
          "\(path):\(number + 1): use Terminal")
      }
    }
  }

  /// Where bytes may be repaired into text, how often, and the justification.
  private static let repairs: [String: (times: Int, reason: String)] = [
    "Services/Frontdesk/LoadTesting/Chaos/ForeignClient.swift": (1, "an encoder's own output"),
    "Services/Frontdesk/LoadTesting/ChannelSocket.swift": (1, "a word that is compared with known ones"),
    "Services/Frontdesk/Administration/HealthCommand.swift": (1, "an answer shown to people"),
    "Services/Frontdesk/DeskSupervisor/DeskFolder.swift": (1, "a path that was a text before"),
    "Services/Frontdesk/DeskSupervisor/LineSplitter.swift": (1, "log lines, shown to people whatever they contain"),
    "Services/Frontdesk/DeskSupervisor/LocalPostgres.swift": (1, "a log shown to people"),
    "Services/Frontdesk/CommandLineTool/ReportWriter.swift": (1, "an encoder's own output"),
    "Services/Intake/Channel/ChannelRequest.swift": (1, "a word that is compared with known ones"),
    "Shared/Curl/ResponseHead.swift": (
      3, "header fields, octets without an encoding (RFC 9110), of which ASCII words are read"
    ),
    "Shared/Curl/ServerSentEvent.swift": (
      1, "the event stream's own rule: decode with replacement (HTML, server-sent events)"
    ),
    "Services/Frontdesk/LoadTesting/ReplyReader.swift": (1, "the desk's own answer"),
    "Shared/DeskCore/Conversation/FieldDefinition.swift": (1, "a valid text, cut at ASCII"),
    "Shared/DeskCore/Conversation/FieldReading.swift": (2, "ASCII letters and digits, compared byte by byte before"),
    "Shared/DeskCore/Customer/CustomerLookUp.swift": (2, "a valid text, cut at ASCII; percent encoding, ASCII"),
    "Shared/DeskCore/Values/JSONText.swift": (1, "an encoder's own output"),
    "Shared/DeskCore/Values/JSONValue+Reading.swift": (2, "digits of a number, compared byte by byte before"),
    "Shared/EventThread/EventThread.swift": (1, "a thread's name, cut at the kernel's 15 bytes"),
    "Shared/Language/Encoder/CharacterMap.swift": (1, "pieces of valid texts, put together for the encoder"),
    "Shared/PostgreSQL/Values/PostgresDecodable.swift": (1, "the server's text, which it keeps and sends as UTF-8"),
    "Shared/PostgreSQL/Values/PostgresUUID.swift": (1, "the server's JSON, which it keeps and sends as UTF-8"),
    "Shared/HTTPService/OperationsServer.swift": (1, "an encoder's own output"),
    "Shared/UntrustedInput/JSON/JSONScanner.swift": (2, "bytes that were checked before"),
    "Shared/Observability/Logging/ServiceLogHandler.swift": (1, "a log line, cut at a byte"),
    "Shared/PolicyReading/Policy/PolicyRange.swift": (2, "a valid text, cut at ASCII"),
    "Shared/Store/DeskMigrations.swift": (1, "a resource of the build"),
    "Shared/Wire/ProtobufReader.swift": (1, "fields of an item, which were validated when it arrived"),
    "Shared/Wire/Envelope.swift": (1, "a trace's parent, of which only its exact ASCII form is read"),
    "Shared/ZeroMQ/CurveKeyPair.swift": (1, "libzmq's Z85, ASCII"),
    "Shared/ZeroMQ/Socket.swift": (1, "libzmq's own address"),
    "Shared/ZeroMQ/ZAPAuthenticator.swift": (3, "words that are compared with known ones, and libzmq's own address"),
  ]

  /// `String(decoding:as:)` repairs: a file in another encoding looks valid and means something else.
  @Test("validated text: bytes from outside are read with UTF8Text, or String(validating:)")
  func repairedText() {
    for (path, lines) in Self.files(in: "Services") + Self.files(in: "Shared") {
      let found = lines.count { line in
        line.contains("String(decoding:") && !line.drop { $0 == " " }.hasPrefix("//")
      }
      let known = Self.repairs[path]?.times ?? 0
      #expect(
        found <= known,
        "\(path) repairs bytes \(found) times, \(known) are known: validate them with UTF8Text, or say here why repair is right"
      )
    }
  }

  /// Where an error is logged at debug level, and how often. Elsewhere a repeated failure would go unnoticed.
  private static let quietFailures: [String: Int] = [
    "Shared/ServiceHealth/Tasks/WatchedTask.swift": 1
  ]

  @Test("no silent failures: a loop that survives its failures is a WatchedTask")
  func reportedFailures() {
    for (path, lines) in Self.files(in: "Services") + Self.files(in: "Shared") {
      let found = lines.count { $0.contains("logger.debug(") && $0.contains("\"error\"") }
      #expect(
        found <= Self.quietFailures[path] ?? 0,
        "\(path) logs an error at debug level only: run the round through WatchedTask.attempt")
    }
  }

  /// An answer is full of random identifiers, and four digits are found in one of them once in a few hundred runs.
  @Test("what must not appear is searched by words that no identifier can contain")
  func needles() {
    for (path, lines) in Self.files(in: "Tests") {
      for (number, line) in lines.enumerated() {
        #expect(
          line.firstMatch(of: /!\S*\.contains\("[0-9a-fA-F-]{1,7}"\)/) == nil,
          "\(path):\(number + 1): search for a longer text, or one with letters that identifiers do not have")
      }
    }
  }
}
