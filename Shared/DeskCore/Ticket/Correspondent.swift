/// A customer on a channel: who wrote a message, and whom an answer is addressed to.
public struct Correspondent: Hashable, Sendable {
  /// The channel.
  public let channel: ChannelID
  private let exactCustomer: ExactString

  /// Names a customer by the channel's own id. Two are equal when the ids have the same bytes.
  public init(_ customer: String, on channel: ChannelID) {
    self.channel = channel
    exactCustomer = ExactString(customer)
  }

  /// The channel's own id of the customer.
  public var customer: String { exactCustomer.string }
}

extension Ticket {
  /// The customer who opened it.
  public var owner: Correspondent { Correspondent(customer, on: channel) }

  /// Who gets the next answer: the customer who wrote last.
  public var addressee: Correspondent { guest ?? owner }

  /// Takes note of who wrote. A customer who was erased since cannot be answered, so nothing changes.
  mutating func hear(from author: Correspondent) {
    guard !author.customer.hasSameBytes(as: "erased:\(id)") else { return }
    guest = author == owner ? nil : author
  }
}
