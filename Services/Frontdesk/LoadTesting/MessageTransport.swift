import DeskCore

/// The outcome of one message of a request.
enum MessageFate: Sendable, Equatable {
  /// It is in the database.
  case acknowledged(message: String, ticket: String, isDuplicate: Bool)
  /// It will never be accepted unchanged.
  case refused(reason: String)
  /// It was not accepted now; it may be sent again.
  case later(reason: String)
}

/// A transport for messages to the desk.
protocol MessageTransport: Sendable {
  /// Sends a request's messages and returns each one's fate, in order.
  ///
  /// Never throws for retryable failures: these are `later` for all messages. Throws `CommandFailure` for a channel without keys.
  func send(_ messages: [SentMessage], on channel: ChannelID) async throws -> [MessageFate]

  /// Where senders cost the fewest changes of threads; nil for anywhere.
  var taskExecutor: (any TaskExecutor)? { get }

  /// Closes connections.
  func close() async
}

extension MessageTransport {
  var taskExecutor: (any TaskExecutor)? { nil }
}

/// The choice of transport.
enum TransportChoice: String, Sendable, CaseIterable {
  case http, zeromq, both

  /// Returns the transport of a request among the available ones: `both` alternates.
  func way(of batch: OutgoingBatch, http: (any MessageTransport)?, zeroMQ: (any MessageTransport)?) -> (
    any MessageTransport
  )? {
    switch self {
    case .http: http
    case .zeromq: zeroMQ
    case .both: batch.number.isMultiple(of: 2) ? http : zeroMQ
    }
  }
}
