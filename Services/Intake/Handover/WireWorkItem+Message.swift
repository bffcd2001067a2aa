import DeskCore
import Foundation
import PostgreSQL
import Store
import Wire

extension WireWorkItem {
  /// A message that has just been committed.
  init(_ accepted: AcceptedMessage) {
    self.init()
    let message = accepted.message
    messageID = Data(accepted.acceptance.message.bytes)
    ticketID = Data(accepted.acceptance.ticket.bytes)
    channel = message.channel.rawValue
    customer = message.customer
    text = message.body
    subject = message.subject ?? ""
    receivedAtUs = accepted.acceptance.acceptedAt.microseconds
    traceparent = message.traceparent ?? ""
    opensTicket = accepted.acceptance.opensTicket
    tier = accepted.acceptance.tier.rawValue
    productLine = message.attributes.flatMap { JSONValue(json: $0.text)?["product_line"]?.text } ?? ""
  }

  /// A message that was fetched from the database.
  init(_ message: UndecidedMessage) {
    self.init()
    messageID = Data(message.id.bytes)
    ticketID = Data(message.ticket.bytes)
    channel = message.channel.rawValue
    customer = message.customer
    text = message.body
    subject = message.subject ?? ""
    receivedAtUs = message.acceptedAt.microseconds
    traceparent = message.traceparent ?? ""
    opensTicket = message.opensTicket
    tier = message.tier.rawValue
    attempts = UInt32(clamping: message.attempts)
    productLine = message.productLine ?? ""
  }
}
