import Foundation
import Store
import UntrustedInput

/// Limits on everything that intake accepts, holds or repeats.
enum IntakeBounds {
  // MARK: One request

  /// Bytes of a request's body, over HTTP and in a channel frame.
  static let bodyBytes = 4 << 20
  /// Bytes of a channel frame: 1.5 times the body limit, so that a slightly oversized body still gets an answer. Beyond that the connection
  /// is closed without an answer.
  static let frameBytes = bodyBytes + bodyBytes / 2
  /// Messages in one request.
  static let messagesPerRequest = 1000
  /// Requests that are read or prepared at the same time, as many as there are processors; the others wait for their sender's turn.
  static let requestsReadAtOnce = max(2, ProcessInfo.processInfo.activeProcessorCount)

  // MARK: One message

  /// Characters (Unicode scalars) of a message's id.
  static let idCharacters = InputBounds.messageCharacters
  /// Characters of a customer's id.
  static let customerCharacters = InputBounds.customerCharacters
  /// Characters of the message text.
  static let textCharacters = InputBounds.textCharacters
  /// Characters of the subject line.
  static let subjectCharacters = 500
  /// Characters of the conversation's id.
  static let threadCharacters = 200
  /// Properties of a message.
  static let attributes = 50
  /// Characters of a property's name.
  static let attributeNameCharacters = 64
  /// Characters of a property's value.
  static let attributeValueCharacters = 1000
  /// Attachments of a message.
  static let attachments = 20
  /// Characters of an attachment's address.
  static let urlCharacters = InputBounds.addressCharacters
  /// Characters of an attachment's media type.
  static let mediaTypeCharacters = InputBounds.mediaTypeCharacters
  /// Characters of an attachment's name.
  static let attachmentNameCharacters = InputBounds.attachmentNameCharacters
  /// Characters of a customer's name in a contact, of a telephone number, and of an email address (RFC 5321, 4.5.3.1).
  static let contactNameCharacters = 200
  static let phoneCharacters = 40
  static let emailCharacters = 254
  /// The minimum number of digits in a telephone number.
  static let phoneDigits = 3

  // MARK: Keys

  /// Characters of an `Idempotency-Key`; an id derived from it, `key#999`, must stay inside `idCharacters`.
  static let requestKeyCharacters = InputBounds.requestKeyCharacters
  /// Requests with an `Idempotency-Key` in progress.
  static let requestKeysInFlight = 10_000

  // MARK: Channels over ZeroMQ

  /// Messages that may wait for the gateway before it stops reading.
  static let channelFramesWaiting = 1024
  /// Bytes of a request id.
  static let requestIDBytes = 64
  /// Requests of one peer in progress.
  static let requestsPerPeer = 256
  /// Requests of all peers in progress; beyond that the gateway stops reading.
  static let channelRequests = 4096

  // MARK: Replies

  /// Replies in one response; also the default.
  static let repliesPerPage = 200
  /// Replies in the description of a ticket.
  static let repliesPerTicket = 50
  /// Reports about replies in one request.
  static let receiptsPerRequest = 500
  /// Characters of the reason of a failure.
  static let failureReasonCharacters = StoreBounds.failureReasonCharacters
  /// Open streams of replies, in all and per key.
  static let replyStreams = 64
  static let replyStreamsPerKey = 4
  /// How often a stream or a subscription looks for new replies.
  static let replyPollInterval: Duration = .milliseconds(250)
  /// The time between two comments on a stream without replies.
  static let replyHeartbeat: Duration = .seconds(15)
  /// Subscriptions over ZeroMQ, of all channels.
  static let replySubscriptions = 1024
  /// How long a subscription lasts unless it is renewed.
  static let replySubscriptionTime: Duration = .seconds(60)
  /// Replies that may be sent and not acknowledged, by default and at most. All answers of a connection have `answersPerConnection`.
  static let replyWindow = 64
  static let replyWindowMost = requestsPerPeer / 2
  /// How long an acknowledgement may take before the reply, and all after it, are sent again.
  static let replyResendTime: Duration = .seconds(10)

  // MARK: Handover

  /// How often to look for messages without an owner.
  static let adoptionInterval: Duration = .milliseconds(500)
  /// How long the link may take to finish its messages at shutdown.
  static let drainTime: Duration = .seconds(5)
  /// How often the link is polled in the meantime.
  static let drainInterval: Duration = .milliseconds(20)
}
