import CommandLineTool
import DeskCore
import Foundation

/// Recorded messages: one JSON object per line, with `channel`, `external_id` (or `id`), `customer` and
/// `text`, optionally `subject`; other members are ignored.
struct MessageFile: Sendable {
  private struct Line: Decodable {
    var channel: String?
    var externalID: String?
    var id: String?
    var customer: String
    var text: String
    var subject: String?

    enum CodingKeys: String, CodingKey {
      case channel, id, customer, text, subject
      case externalID = "external_id"
    }
  }

  private let lines: [Range<Int>]
  private let bytes: Data
  private let fallback: ChannelID?

  /// Splits bytes into lines; empty ones are skipped.
  /// - Parameter fallback: the channel of lines that name none.
  init(_ bytes: Data, fallback: ChannelID? = nil) {
    var lines: [Range<Int>] = []
    bytes.withUnsafeBytes { buffer in
      var start = 0
      for position in 0...buffer.count where position == buffer.count || buffer[position] == UInt8(ascii: "\n") {
        if buffer[start..<position].contains(where: { $0 > UInt8(ascii: " ") }) { lines.append(start..<position) }
        start = position + 1
      }
    }
    self.bytes = bytes
    self.lines = lines
    self.fallback = fallback
  }

  /// Reads a file, or standard input for `-`.
  static func read(_ path: String, fallback: ChannelID?) throws -> MessageFile {
    let bytes: Data
    if path == "-" {
      bytes = try FileHandle.standardInput.readToEnd() ?? Data()
    } else {
      do {
        bytes = try Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe)
      } catch {
        throw CommandFailure(
          "cannot read \(path)", remedy: "name a file of messages, one JSON object per line", status: .wrongCall)
      }
    }
    guard bytes.count <= LoadBounds.fileBytes else {
      throw CommandFailure(
        "\(path) is larger than \(LoadBounds.fileBytes) bytes", remedy: "split it", status: .wrongCall)
    }
    return MessageFile(bytes, fallback: fallback)
  }

  var count: Int { lines.count }

  /// Returns the message on the given non-empty line, counted from zero.
  /// - Throws: `CommandFailure` with the position, never the text.
  func message(_ position: Int) throws -> SentMessage {
    let base = bytes.startIndex
    let range = lines[position]
    let line: Line
    do {
      line = try JSONDecoder().decode(Line.self, from: bytes[(base + range.lowerBound)..<(base + range.upperBound)])
    } catch {
      throw Self.wrong(position, "is not a JSON object with customer and text")
    }
    guard let channel = line.channel.map({ ChannelID($0) }) ?? fallback else {
      throw Self.wrong(position, "names no channel")
    }
    guard let id = line.externalID ?? line.id else { throw Self.wrong(position, "has no external_id") }
    return SentMessage(channel: channel, id: id, customer: line.customer, text: line.text, subject: line.subject)
  }

  private static func wrong(_ position: Int, _ what: String) -> CommandFailure {
    CommandFailure(
      "message \(position + 1) \(what)", remedy: "write one object per line: channel, external_id, customer, text",
      status: .wrongCall)
  }
}
