import DeskCore
import UntrustedInput

/// One line of a file of acknowledgements: a JSON object with the texts `channel`, `external_id` and `message_id`, and optionally
/// `ticket_id` and `acknowledged_at` (RFC 3339). Other members are ignored, so that a client may log more.
enum AcknowledgementLine {
  /// Why a line is not an acknowledgement. It never quotes the line, which may hold customers' words.
  struct Mistake: Error, Equatable {
    /// From 1, in Unicode scalars.
    let column: Int
    let problem: String
    let remedy: String
  }

  private typealias Name = Acknowledgement.CodingKeys

  /// - Parameter isDated: whether the identifier must be valid and the time must be there.
  static func read(_ bytes: [UInt8], isDated: Bool) throws(Mistake) -> Acknowledgement {
    let document: JSONDocument
    do throws(JSONError) {
      document = try bytes.withUnsafeBufferPointer { (buffer) throws(JSONError) in
        try JSONScanner.scan(buffer: buffer)
      }
    } catch {
      // A carriage return before the line end and other white space are read past; what is left is not JSON.
      throw Mistake(
        column: column(of: error.offset, in: bytes), problem: "this is not a JSON object",
        remedy: "write each acknowledgement as one object on its own line")
    }
    guard case .object(let members) = document else {
      throw Mistake(
        column: 1, problem: "the line is \(document.kind), not an object",
        remedy: "write each acknowledgement as one object on its own line")
    }
    func text(_ name: Name) throws(Mistake) -> String? {
      guard let value = members.first(where: { $0.name.hasSameBytes(as: name.rawValue) })?.value, value != .null else {
        return nil
      }
      guard case .text(let text) = value, !text.isEmpty else {
        throw Mistake(
          column: place(of: name, in: bytes), problem: "\(name.rawValue) is not a text",
          remedy: "write it in double quotes")
      }
      return text
    }
    func required(_ name: Name) throws(Mistake) -> String {
      if let text = try text(name) { return text }
      throw Mistake(column: 1, problem: "\(name.rawValue) is missing", remedy: "add it to every line")
    }
    var acknowledgement = Acknowledgement(
      channel: try required(.channel), externalID: try required(.externalID), messageID: try required(.messageID),
      ticketID: try text(.ticketID) ?? "")
    if let time = try text(.acknowledgedAt) {
      guard let instant = RFC3339.instant(time) else {
        throw Mistake(
          column: place(of: .acknowledgedAt, in: bytes), problem: "acknowledged_at is not a time with its offset",
          remedy: "write it like 2026-11-22T08:30:00.125Z")
      }
      acknowledgement.acknowledgedAt = instant
    }
    guard isDated else { return acknowledgement }
    guard acknowledgement.claim != nil else {
      throw Mistake(
        column: place(of: .messageID, in: bytes), problem: "message_id is not an identifier of a message",
        remedy: "write the one that intake acknowledged")
    }
    guard acknowledgement.acknowledgedAt != nil else {
      throw Mistake(
        column: 1, problem: "acknowledged_at is missing",
        remedy: "add the time at which the client had the acknowledgement, like 2026-11-22T08:30:00.125Z")
    }
    return acknowledgement
  }

  /// The column of a member's name. Inside a text its quotes would be escaped, so the first match is the name.
  private static func place(of name: Name, in bytes: [UInt8]) -> Int {
    let quoted = Array("\"\(name.rawValue)\"".utf8)
    let offset = bytes.indices.first { bytes[$0...].starts(with: quoted) } ?? 0
    return column(of: offset, in: bytes)
  }

  /// Continuation bytes are not separate characters.
  private static func column(of offset: Int, in bytes: [UInt8]) -> Int {
    bytes.prefix(offset).count { $0 & 0xC0 != 0x80 } + 1
  }
}
