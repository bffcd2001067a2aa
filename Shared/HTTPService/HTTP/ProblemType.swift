public import HTTPTypes

/// The types of problems, of every service and over HTTP and ZeroMQ alike (RFC 9457, section 3.1.1). The raw value is the last part of the
/// URN. A problem without a type has `about:blank`: its status says it all.
public enum ProblemType: String, Sendable, Hashable, CaseIterable {
  // The request
  case malformedBody = "malformed-body"
  case malformedPath = "malformed-path"
  case invalidRequest = "invalid-request"
  case invalidMessage = "invalid-message"
  case tooLarge = "too-large"
  case unsupportedMediaType = "unsupported-media-type"
  case badFrames = "bad-frames"
  case tooManyRows = "too-many-rows"

  // Access
  case unauthorised
  case forbidden
  case rateLimited = "rate-limited"
  case tooManyInFlight = "too-many-in-flight"

  // Repeated requests
  case idConflict = "id-conflict"
  case idempotencyKeyInvalid = "idempotency-key-invalid"
  case idempotencyKeyReused = "idempotency-key-reused"
  case idempotencyKeyInFlight = "idempotency-key-in-flight"

  // Tickets, offers and agents
  case ticketState = "ticket-state"
  case concurrentChanges = "concurrent-changes"
  case ticketChanged = "ticket-changed"
  case draftChanged = "draft-changed"
  case offerClosed = "offer-closed"
  case agentUnavailable = "agent-unavailable"
  case otherCustomer = "other-customer"
  case contactSealed = "contact-sealed"
  case replyBlocked = "reply-blocked"
  case replyUnacknowledged = "reply-unacknowledged"
  case inspectionState = "inspection-state"
  case ownInspection = "own-inspection"
  case crisisEnded = "crisis-ended"
  case consultClosed = "consult-closed"

  // The service
  case overloaded
  case draining
  case unavailable
  case refused

  /// The URI of the problem's member `type`.
  public var uri: String { "urn:frontdesk:problem:\(rawValue)" }

  /// The status of every problem of this type.
  public var status: HTTPResponse.Status {
    switch self {
    case .malformedBody, .malformedPath, .badFrames, .idempotencyKeyInvalid: .badRequest
    case .unauthorised: .unauthorized
    case .forbidden, .otherCustomer, .ownInspection: .forbidden
    case .idConflict, .idempotencyKeyInFlight, .ticketState, .concurrentChanges, .offerClosed, .agentUnavailable,
      .inspectionState,
      .crisisEnded, .consultClosed, .draftChanged:
      .conflict
    case .ticketChanged: .preconditionFailed
    case .tooLarge: .contentTooLarge
    case .unsupportedMediaType: .unsupportedMediaType
    case .invalidRequest, .invalidMessage, .tooManyRows, .idempotencyKeyReused, .replyBlocked, .replyUnacknowledged:
      .unprocessableContent
    case .rateLimited, .tooManyInFlight: .tooManyRequests
    case .refused: .internalServerError
    case .contactSealed, .overloaded, .draining, .unavailable: .serviceUnavailable
    }
  }
}
