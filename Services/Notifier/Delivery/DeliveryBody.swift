import DeskCore
import Foundation
import Store

/// The body of a delivery: `{"type": …, "timestamp": …, "data": …}`. It is the same at every attempt.
enum DeliveryBody {
  /// - Parameters:
  ///   - text: the text of the reply that the notice is about; subscribers deliver it to the customer.
  ///   - attachments: its references to files, a JSON list.
  static func bytes(for notice: ClaimedNotice, text: String?, attachments: String? = nil) -> [UInt8] {
    var data = notice.body
    if let text, data.hasSuffix("}") {
      let isEmpty = data.dropLast().allSatisfy { $0 == "{" || $0.isWhitespace }
      data = data.dropLast() + (isEmpty ? "" : ",") + "\"text\":" + JSONValue.text(text).json
      if let attachments { data += ",\"attachments\":" + attachments }
      data += "}"
    }
    let head = JSONValue.object([
      .init("type", .text(notice.kind)), .init("timestamp", .text(RFC3339.text(notice.createdAt))),
    ])
    return Array((head.json.dropLast() + ",\"data\":" + data + "}").utf8)
  }

  /// Whether a notice is about a reply, whose text must be delivered with it.
  static func isOfReply(_ notice: ClaimedNotice) -> Bool {
    notice.kind == NoticeKind.messageReplied.rawValue
  }

  /// Returns the reply that a notice names; nil when it names none.
  static func reply(of notice: ClaimedNotice) -> MessageID? {
    names(in: notice)?.message.flatMap { MessageID($0) }
  }

  /// Returns the channel of the customer whom a notice is for or about; nil when it names none.
  static func channel(of notice: ClaimedNotice) -> ChannelID? {
    names(in: notice)?.channel.map { ChannelID($0) }
  }

  private struct Names: Decodable {
    let message: String?
    let channel: String?
  }

  private static func names(in notice: ClaimedNotice) -> Names? {
    try? JSONDecoder().decode(Names.self, from: Data(notice.body.utf8))
  }
}
