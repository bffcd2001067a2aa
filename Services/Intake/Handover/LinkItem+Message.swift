import DeskCore
import PostgreSQL
import Store
import Wire

extension LinkItem {
  /// A message that has just been committed.
  init(_ accepted: AcceptedMessage) {
    let message = accepted.message
    var content = Content()
    content.ticketID = ItemID(accepted.acceptance.ticket)
    content.channel = message.channel.rawValue
    content.customer = message.customer
    content.text = message.body
    content.subject = message.subject ?? ""
    content.receivedAtUs = accepted.acceptance.acceptedAt.microseconds
    content.traceparent = message.traceparent ?? ""
    content.opensTicket = accepted.acceptance.opensTicket
    content.tier = accepted.acceptance.tier.rawValue
    content.productLine = message.attributes.flatMap { JSONValue(json: $0.text)?["product_line"]?.text } ?? ""
    self.init(ItemID(accepted.acceptance.message), content)
  }

  /// A message that was fetched from the database.
  init(_ message: UndecidedMessage) {
    var content = Content()
    content.ticketID = ItemID(message.ticket)
    content.channel = message.channel.rawValue
    content.customer = message.customer
    content.text = message.body
    content.subject = message.subject ?? ""
    content.receivedAtUs = message.acceptedAt.microseconds
    content.traceparent = message.traceparent ?? ""
    content.opensTicket = message.opensTicket
    content.tier = message.tier.rawValue
    content.productLine = message.productLine ?? ""
    self.init(ItemID(message.id), attempts: UInt32(clamping: message.attempts), content)
  }
}
