/// A customer on a channel: the author of a message, and the addressee of a reply.
public struct Correspondent: Hashable, Sendable {
  /// The channel.
  public let channel: ChannelID
  private let exactCustomer: ExactString

  /// Names a customer by the channel's id for them. Two are equal when the ids have the same bytes.
  public init(_ customer: String, on channel: ChannelID) {
    self.channel = channel
    exactCustomer = ExactString(customer)
  }

  /// The channel's id for the customer.
  public var customer: String { exactCustomer.string }
}

extension Ticket {
  /// The customer who opened it.
  public var owner: Correspondent { Correspondent(customer, on: channel) }

  /// The recipient of the next reply: the customer who wrote last.
  public var addressee: Correspondent { guest ?? owner }

  /// Records who wrote. A customer who has been erased cannot be answered, so nothing changes.
  mutating func receive(from author: Correspondent) {
    guard !author.customer.hasSameBytes(as: "erased:\(id)") else { return }
    guest = author == owner ? nil : author
  }
}
