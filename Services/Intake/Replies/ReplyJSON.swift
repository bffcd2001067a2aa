import DeskCore
import Store

/// Replies and reports about them as channels see them, over HTTP and ZeroMQ.
enum ReplyJSON {
  static func reply(_ reply: StoredReply) -> JSONValue {
    .object(
      [
        .init("reply_id", .text(reply.id.description)),
        .init("cursor", .text(ReplyCursor(sequence: reply.sequence).description)),
        .init("ticket_id", .text(reply.ticket.description)), .init("customer", .text(reply.customer)),
        .init("text", .text(reply.body)),
        .init("attachments", reply.attachments.flatMap { JSONValue(json: $0) } ?? .list([])),
        .init("written_at", .text(RFC3339.text(reply.writtenAt))),
      ] + delivery(reply.delivery))
  }

  /// - Parameter next: where the list goes on.
  static func page(_ replies: [StoredReply], next: ReplyCursor) -> JSONValue {
    .object([
      .init("replies", .list(replies.map(reply))), .init("next", .text(next.description)),
    ])
  }

  /// - Parameter outcomes: for each report what it did; nil if there is no such reply.
  static func results(
    of receipts: [ReplyReceipt], _ outcomes: [(outcome: ReplyDelivery.Outcome, state: ReplyState)?]
  ) -> JSONValue {
    .object([
      .init(
        "results",
        .list(
          zip(receipts, outcomes).map { receipt, outcome in
            .object(
              [
                .init("reply_id", .text(receipt.reply.description)),
                .init("status", .text(outcome?.outcome.rawValue ?? "unknown")),
              ] + (outcome.map { [.init("state", .text($0.state.rawValue))] } ?? []))
          }))
    ])
  }

  private static func delivery(_ delivery: ReplyDelivery) -> [JSONValue.Field] {
    [
      .init("state", .text(delivery.state.rawValue)), .init("state_at", .text(RFC3339.text(delivery.at))),
    ] + (delivery.reason.map { [.init("reason", .text($0))] } ?? [])
  }
}
