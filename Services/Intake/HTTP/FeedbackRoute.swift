import DeskCore
import HTTPService
import Hummingbird
import NIOCore
import ServiceProcess
import Store
import SystemPrimitives
import UntrustedInput
import UseCases

/// A customer's feedback on a settled ticket, submitted by the customer's channel: whether it is solved, a rating, a comment.
///
/// The channel's key is enough: the channel knows its customers, and a ticket of another channel is not found. Submitting the same feedback
/// again changes nothing.
struct FeedbackRoute: Sendable {
  let stepper: TicketStepper
  let metrics: IntakeMetrics
  /// Whether the channel's policy asks for personal data to be masked.
  let masksPersonalData: @Sendable (ChannelID) -> Bool

  /// The fields of a request.
  struct Form: Equatable {
    let solved: Bool
    let rating: Int?
    let comment: String?

    /// Reads the fields of a body.
    /// - Throws: `HTTPProblem` 422 with everything that is wrong.
    init(_ body: JSONBody) throws(HTTPProblem) {
      var body = body
      solved = body.flag("solved")
      rating = body.integerIfAny("rating", in: Feedback.ratings)
      comment = body.wordsIfAny("comment", longest: InputBounds.textCharacters)
      try body.finish()
    }
  }

  /// Records feedback.
  /// - Returns: the ticket after the step, and how the channel sees it.
  /// - Throws: `HTTPProblem` 404, 409, 422 or 503.
  func record(
    _ id: TicketID, of channel: ChannelID, _ form: Form
  ) async throws -> (ticket: Ticket, view: TicketVisibility.View) {
    let policy = try stepper.currentPolicy()
    // Masked before the comparison, because the stored comment is masked, too.
    let mask = masksPersonalData(channel) ? PersonalDataMask(metrics) : nil
    let word = form.comment.map { mask?.masked(comment: $0) ?? $0 }
    var seen: TicketVisibility.View?
    let recorded = try await stepper.step(id, showing: { $0.channel == channel }) { ticket in
      seen = try await TicketVisibility(store: stepper.store).view(of: id, openedBy: ticket.owner, on: channel)
      guard seen != nil else { throw TicketProblem.notFound("ticket") }
      if try await isKnown(form, word, of: ticket) { return .nothing }
      var random = SystemRandom()
      let comment: MessageID? = word.map { _ in
        IdentifierSource.process.next(at: stepper.clock.now(), using: &random)
      }
      let feedback = Feedback(
        solved: form.solved, rating: form.rating, comment: comment,
        followUpBelow: policy.life.closing.lowRatingBelow, lead: policy.lead(of: ticket.queue))
      let words = comment.flatMap { id in word.map { OutgoingMessage(id: id, besideRating: $0) } }
      return .take(.feedbackReceived(feedback), writing: words)
    }
    guard let seen else { throw TicketProblem.notFound("ticket") }
    return (recorded, seen)
  }

  /// Whether the customer has already given exactly this feedback on the ticket in its current state.
  private func isKnown(_ form: Form, _ word: String?, of ticket: Ticket) async throws -> Bool {
    guard let rating = try await stepper.store.conversations.rating(of: ticket.id), rating.solved == form.solved,
      form.rating == nil || rating.rating == form.rating.map({ Int16($0) })
    else { return false }
    if let comment = word {
      guard let kept = rating.comment, let body = try await stepper.store.conversations.message(kept)?.body,
        body.hasSameBytes(as: comment)
      else { return false }
    }
    // An unsolved ticket is open again; once it is settled again, the same comment counts as new.
    return form.solved ? ticket.confirmedAt != nil : ticket.resolvedAt == nil && ticket.answeredAt == nil
  }
}

extension MessageRoutes {
  /// `POST /v1/tickets/{id}/feedback`.
  func record(_ request: Request, _ text: String?) async throws -> Response {
    let bearer = try await bearer(request)
    try limit(1, of: bearer)
    guard let id = text.flatMap({ TicketID($0) }) else { throw TicketProblem.notFound("ticket") }
    _ = try BodyType(request.headers, taking: [.json])
    let body = Array(try await collect(request).readableBytesView)
    let form = try FeedbackRoute.Form(JSONBody(bytes: body))
    let (ticket, view) = try await feedback.record(id, of: bearer.channel, form)
    return MessageResponse.ticket(ticket, seenAs: view, place: try await place(of: ticket, on: bearer.channel))
  }
}
