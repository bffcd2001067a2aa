import DeskCore
import Hummingbird
import Store
import UseCases

// Customer contacts.

extension ConsoleRoutes {
  /// The contact of the customer to whom the next reply goes, shown to agents who may see the ticket and answer it. The access is recorded
  /// in the audit log before anything is shown.
  func contact(_ call: Call) async throws -> Response {
    let id: TicketID = try identifier(of: "ticket", call)
    let (channel, customer): (ChannelID, String) =
      switch try await sight(of: id, call) {
      case .live(let ticket): (ticket.addressee.channel, ticket.addressee.customer)
      case .over(let ticket): (ticket.channel, ticket.customer)
      }
    guard let kept = try await store.privacy.contact(of: customer, on: channel) else {
      return Self.json(.object([.init("ticket_id", .text(id.description)), .init("contact", .null)]))
    }
    let contact: String
    do {
      guard let keys = contactKeys?.current else {
        throw ConsoleProblem.contactIsSealed("the console has no contact keys")
      }
      contact = try keys.open(kept.sealed, of: customer, on: channel)
    } catch let error as ContactSealError {
      throw ConsoleProblem.contactIsSealed("\(error)")
    }
    try await store.audit.note("contact.read", of: id.description, detail: noting(call, nil, []))
    // The decrypted contact is a JSON object already.
    return Self.json(
      text: """
        {"ticket_id":"\(id)","given_at":\(ConsoleJSON.time(kept.givenAt).json),"contact":\(contact)}
        """)
  }
}
