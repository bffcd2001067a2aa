import DeskCore

/// What became of one message of a request.
enum MessageFate: Sendable, Equatable {
  /// It is in the database.
  case acknowledged(message: String, ticket: String, isDuplicate: Bool)
  /// It will never be taken as it is.
  case refused(reason: String)
  /// It was not taken now; the same may be sent again.
  case later(reason: String)
}

/// A way into the desk.
protocol MessageWay: Sendable {
  /// Hands in a request's messages and tells each one's fate, in order.
  ///
  /// Never throws for what repeating may cure: that is `later` for all of them. Throws `CommandFailure` for a channel without keys.
  func send(_ messages: [OutgoingMessage], on channel: ChannelID) async throws -> [MessageFate]

  /// Ends connections.
  func close() async
}

/// Which way messages go.
enum WayChoice: String, Sendable, CaseIterable {
  case http, zeromq, both

  /// The way of a request among those open: `both` takes them in turn.
  func way(of batch: OutgoingBatch, http: (any MessageWay)?, zeroMQ: (any MessageWay)?) -> (any MessageWay)? {
    switch self {
    case .http: http
    case .zeromq: zeroMQ
    case .both: batch.number.isMultiple(of: 2) ? http : zeroMQ
    }
  }
}
