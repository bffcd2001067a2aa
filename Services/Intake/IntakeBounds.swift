import Foundation
import ServiceKit
import Store

/// The named bounds of everything that intake takes, holds or repeats.
enum IntakeBounds {
  // MARK: One request

  /// Bytes of a request's body, over HTTP and in a frame of a channel.
  static let bodyBytes = 4 << 20
  /// Bytes of a frame of a channel: half as much again as a body may have, so that a body that is too large is answered. Beyond it the
  /// connection is ended without an answer.
  static let frameBytes = bodyBytes + bodyBytes / 2
  /// Messages in one request.
  static let messagesPerRequest = 1000
  /// Requests that are read or prepared at the same time; the others wait for their sender's turn. As many as processors can work on.
  static let requestsReadAtOnce = max(2, ProcessInfo.processInfo.activeProcessorCount)

  // MARK: One message

  /// Characters (Unicode scalars) of a message's id.
  static let idCharacters = 200
  /// Characters of a customer's id.
  static let customerCharacters = InputBounds.customerCharacters
  /// Characters of the customer's words.
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
  /// Characters of a customer's name in a contact, of a telephone number, and of a mail address (RFC 5321, 4.5.3.1).
  static let contactNameCharacters = 200
  static let phoneCharacters = 40
  static let emailCharacters = 254
  /// Digits that a telephone number has at least.
  static let phoneDigits = 3

  // MARK: Keys

  /// Characters of an `Idempotency-Key`; an id derived from it, `key#999`, must stay inside `idCharacters`.
  static let requestKeyCharacters = InputBounds.requestKeyCharacters
  /// Requests with an `Idempotency-Key` that may be under way.
  static let requestKeysInFlight = 10_000

  // MARK: Committing

  /// Commits under way at once. While one waits for the disk the other is planned and executed; more would only be smaller.
  static let commitsInFlight = 2
  /// Commits next to those for senders who have nothing under way while all of those are at least half full: a flood's commits take long.
  static let commitsForOthers = 1
  /// How long messages gather after the last commit began, and how many are worth a commit before that.
  static let gatheringTime: Duration = .milliseconds(5)
  static let messagesWorthACommit = 64
  /// Messages in one commit.
  static let messagesPerCommit = StoreBounds.messagesPerAccept
  /// Bytes of the messages in one commit; a bigger message goes alone.
  static let bytesPerCommit = 8 << 20
  /// Messages that wait for a commit or are in one.
  static let messagesPending = 20_000
  /// Bytes of them.
  static let bytesPending = 64 << 20
  /// The same of one sender, who cannot take the room of all others.
  static let messagesPendingPerSender = messagesPending / 4
  static let bytesPendingPerSender = bytesPending / 4
  /// How long a message may wait for its commit before its sender is told to come again.
  static let commitDeadline: Duration = .seconds(8)
  /// The pause before a failed commit is tried again, doubling from the first to the last.
  static let retryPause: (first: Duration, last: Duration) = (.milliseconds(25), .seconds(1))

  // MARK: Channels over ZeroMQ

  /// Messages that may wait for the gateway before it stops reading.
  static let channelFramesWaiting = 1024
  /// Bytes of a request id.
  static let requestIDBytes = 64
  /// Requests of one peer that may be under way.
  static let requestsPerPeer = 256
  /// Requests of all peers that may be under way; beyond it the gateway stops reading.
  static let channelRequests = 4096

  // MARK: Handing over

  /// How often messages that nobody holds are looked for.
  static let adoptionInterval: Duration = .milliseconds(500)
  /// How long the link may take to finish what it holds when the process ends.
  static let drainTime: Duration = .seconds(5)
  /// How often the link is looked at meanwhile.
  static let drainInterval: Duration = .milliseconds(20)
}
