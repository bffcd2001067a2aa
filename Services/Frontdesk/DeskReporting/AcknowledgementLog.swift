import CommandLineTool
package import DeskCore
package import Foundation
package import Store
import SystemPrimitives

/// The desk's acknowledgement of one message.
package struct Acknowledgement: Encodable, Sendable, Equatable {
  package var channel: String
  package var externalID: String
  package var messageID: String
  package var ticketID: String
  /// When the client had it, by the client's clock; nil in logs without times.
  package var acknowledgedAt: Instant?

  package init(
    channel: String, externalID: String, messageID: String, ticketID: String, acknowledgedAt: Instant? = nil
  ) {
    self.channel = channel
    self.externalID = externalID
    self.messageID = messageID
    self.ticketID = ticketID
    self.acknowledgedAt = acknowledgedAt
  }

  enum CodingKeys: String, CodingKey, CaseIterable {
    case channel
    case externalID = "external_id"
    case messageID = "message_id"
    case ticketID = "ticket_id"
    case acknowledgedAt = "acknowledged_at"
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(channel, forKey: .channel)
    try container.encode(externalID, forKey: .externalID)
    try container.encode(messageID, forKey: .messageID)
    try container.encode(ticketID, forKey: .ticketID)
    try container.encodeIfPresent(acknowledgedAt.map { RFC3339.text($0) }, forKey: .acknowledgedAt)
  }

  /// The claim about the database to check; nil when its identifier is not valid.
  package var claim: LedgerClaim? {
    MessageID(messageID).map { LedgerClaim(channel: ChannelID(channel), externalID: externalID, message: $0) }
  }
}

/// Acknowledgements as lines of JSON. Several senders may append to one file at once: each write is whole lines, at the end.
package final class AcknowledgementLog: Sendable {
  private let file: PthreadMutex<FileHandle>
  private let path: String

  /// Opens a file for appending; creates it where there is none.
  package init(path: String) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw PrivateFile.failure("write", path) }
    file = PthreadMutex(FileHandle(fileDescriptor: descriptor, closeOnDealloc: true))
    self.path = path
  }

  /// Appends acknowledgements; on return they have been written to the system.
  package func append(_ acknowledgements: [Acknowledgement]) throws {
    guard !acknowledgements.isEmpty else { return }
    var bytes = Data()
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    for acknowledgement in acknowledgements {
      bytes.append(try encoder.encode(acknowledgement))
      bytes.append(UInt8(ascii: "\n"))
    }
    let result = file.withLock { file in Result { try file.write(contentsOf: bytes) } }
    do {
      try result.get()
    } catch {
      throw CommandFailure("cannot write \(path): \(error)")
    }
  }

  /// Reads a file. A last line without a line end is from a writer that died; it is ignored.
  /// - Parameters:
  ///   - isIdentified: whether every line must have a valid message identifier.
  ///   - isDated: whether it must have a time too.
  /// - Throws: `CommandFailure` with line and column.
  package static func read(
    path: String, isIdentified: Bool = false, isDated: Bool = false
  ) throws -> [Acknowledgement] {
    guard let bytes = FileManager.default.contents(atPath: path) else {
      throw CommandFailure(
        "cannot read \(path)", remedy: "write one with `frontdesk send … --acknowledged \(path)`", status: .wrongCall)
    }
    return try parse(bytes, path: path, isIdentified: isIdentified, isDated: isDated)
  }

  package static func parse(
    _ bytes: Data, path: String, isIdentified: Bool = false, isDated: Bool = false
  ) throws -> [Acknowledgement] {
    var acknowledgements: [Acknowledgement] = []
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (number, line) in lines.enumerated() where !line.isEmpty {
      do throws(AcknowledgementLine.Mistake) {
        acknowledgements.append(try AcknowledgementLine.read(Array(line), isIdentified: isIdentified, isDated: isDated))
      } catch {
        // After the last line end there is either nothing or an incomplete line.
        if number == lines.count - 1 { break }
        throw CommandFailure(
          "\(path), line \(number + 1), column \(error.column): \(error.problem)", remedy: error.remedy,
          status: .wrongCall)
      }
    }
    return acknowledgements
  }
}
