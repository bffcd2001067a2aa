import DeskCore
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import ServiceKit
import Store

/// What a customer says of a settled ticket, handed in by the customer's channel: whether it is solved, a rating, a word.
///
/// The channel's key is enough: it is the channel that knows its customers, and a ticket of another channel is not found. Saying the
/// same again changes nothing.
struct JudgementRoute: Sendable {
  let stepper: TicketStepper

  /// The body of a request.
  struct Form: Decodable, Equatable {
    let solved: Bool
    let rating: Int?
    let comment: String?

    private enum Key: String, CodingKey, CaseIterable {
      case solved, rating, comment
    }

    private struct AnyKey: CodingKey {
      let stringValue: String
      let intValue: Int? = nil
      init?(stringValue: String) { self.stringValue = stringValue }
      init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
      let known = Set(Key.allCases.map(\.rawValue))
      for key in try decoder.container(keyedBy: AnyKey.self).allKeys where !known.contains(key.stringValue) {
        throw DecodingError.dataCorruptedError(
          forKey: key, in: try decoder.container(keyedBy: AnyKey.self), debugDescription: "unknown")
      }
      let container = try decoder.container(keyedBy: Key.self)
      solved = try container.decode(Bool.self, forKey: .solved)
      rating = try container.decodeIfPresent(Int.self, forKey: .rating)
      comment = try container.decodeIfPresent(String.self, forKey: .comment)
    }
  }

  /// Takes a judgement.
  /// - Returns: the ticket as it is then, and how the channel sees it.
  /// - Throws: `HTTPProblem` 404, 409, 422 or 503.
  func judge(
    _ id: TicketID, of channel: ChannelID, _ form: Form
  ) async throws -> (ticket: Ticket, view: TicketSight.View) {
    let policy = try stepper.currentPolicy()
    try check(form)
    var seen: TicketSight.View?
    let judged = try await stepper.step(id) { ticket in
      seen = try await TicketSight(store: stepper.store).view(of: id, openedBy: ticket.owner, on: channel)
      guard seen != nil else { throw TicketProblem.notFound("ticket") }
      if try await isKnown(form, of: ticket) { return .nothing }
      var random = SystemRandom()
      let comment = form.comment.map { _ in MessageID(at: stepper.clock.now(), using: &random) }
      let judgement = Judgement(
        solved: form.solved, rating: form.rating, comment: comment,
        followUpBelow: policy.life.closing.lowRatingBelow, lead: policy.lead(of: ticket.queue))
      let words = comment.flatMap { id in form.comment.map { OutgoingMessage(id: id, besideRating: $0) } }
      return .take(.judged(judgement), writing: words)
    }
    guard let seen else { throw TicketProblem.notFound("ticket") }
    return (judged, seen)
  }

  private func check(_ form: Form) throws {
    var errors: [HTTPProblem.FieldError] = []
    if let rating = form.rating, !Judgement.ratings.contains(rating) {
      errors.append(
        .init(field: "/rating", value: "\(rating)", detail: "A rating lies in 1 to 5.", remedy: "Write 1 to 5."))
    }
    if let comment = form.comment,
      comment.allSatisfy(\.isWhitespace) || comment.unicodeScalars.count > IntakeBounds.textCharacters
        || comment.unicodeScalars.contains("\0")
    {
      errors.append(
        .init(
          field: "/comment", detail: "The comment is blank, too long, or holds the character U+0000.",
          remedy: "Write 1 to \(IntakeBounds.textCharacters) characters, or leave it out."))
    }
    guard errors.isEmpty else {
      throw HTTPProblem(
        .unprocessableContent, type: IntakeMetrics.Rejection.invalid.problemType,
        detail: "The body cannot be accepted as it is.", errors: errors)
    }
  }

  /// Whether the customer has said just this of the ticket as it stands.
  private func isKnown(_ form: Form, of ticket: Ticket) async throws -> Bool {
    guard let rating = try await stepper.store.rating(of: ticket.id), rating.solved == form.solved,
      form.rating == nil || rating.rating == form.rating.map({ Int16($0) })
    else { return false }
    if let comment = form.comment {
      guard let kept = rating.comment, try await stepper.store.message(kept)?.body == comment else { return false }
    }
    // What was not solved is open again; once it is settled anew, the same word is a new one.
    return form.solved ? ticket.confirmedAt != nil : ticket.resolvedAt == nil && ticket.answeredAt == nil
  }
}

extension MessageRoutes {
  /// `POST /v1/tickets/{id}/judgement`.
  func judge(_ request: Request, _ text: String?) async throws -> Response {
    let bearer = try await bearer(request)
    try limit(1, of: bearer)
    guard request.headers[.contentType]?.lowercased().hasPrefix("application/json") == true else {
      throw HTTPProblem(
        .unsupportedMediaType, detail: "The body must be application/json.",
        errors: [
          .init(field: "Content-Type", detail: "The body's type is not taken.", remedy: "Send application/json.")
        ])
    }
    guard let id = text.flatMap({ TicketID($0) }) else { throw TicketProblem.notFound("ticket") }
    let body = try await collect(request)
    guard let form = try? JSONDecoder().decode(JudgementRoute.Form.self, from: Data(body.readableBytesView)) else {
      throw HTTPProblem(
        .unprocessableContent, type: IntakeMetrics.Rejection.invalid.problemType,
        detail: "The body is not one JSON object of the known fields.",
        errors: [
          .init(
            field: "", detail: "Known are solved (true or false, needed), rating (1 to 5) and comment (text).",
            remedy: "Send {\"solved\": true, \"rating\": 5}.")
        ])
    }
    let (ticket, view) = try await judgements.judge(id, of: bearer.channel, form)
    return MessageResponse.ticket(
      ticket, seenAs: view, place: try await store.placeInQueue(of: ticket, at: store.now()))
  }
}
