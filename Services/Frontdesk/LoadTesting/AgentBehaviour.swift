/// The behaviour of simulated agents.
struct AgentBehaviour: Sendable, Equatable {
  /// An agent's response to an offer.
  enum Answer: Sendable, Equatable {
    case accept, decline
    /// Lets the offer expire.
    case ignore
  }

  /// The mean time from accepting a ticket to resolving it.
  var handleTime: Duration
  /// 0 to 1; most of the rest is declined, and a few offers expire.
  var acceptShare: Double
  /// The share of tickets whose agent first asks the customer a question, 0 to 1.
  var awaitShare = 0.1

  /// The share of tickets with an interruption, 0 to 1: the ticket is transferred, or the agent then takes a break or disconnects
  /// without notice.
  var interruptionRate = 0.0

  /// A kind of interruption.
  enum Interruption: Sendable, Equatable {
    case transfer, rest, vanish
  }

  /// The length of a break, in handling times.
  static let breakLength = 4.0
  /// How long an agent that disconnected stays away: longer than routers wait for a heartbeat.
  static let absence: Duration = .seconds(50)
  /// The number of each kind among twenty interruptions.
  private static let interruptions =
    Array(repeating: Interruption.transfer, count: 10) + Array(repeating: .rest, count: 9) + [.vanish]

  func interruption(using random: inout some RandomNumberGenerator) -> Interruption? {
    let draw = Double.random(in: 0..<1, using: &random)
    let kind = AgentBehaviour.interruptions.randomElement(using: &random)
    return draw < interruptionRate ? kind : nil
  }

  /// The share of the offers not accepted that expires.
  static let ignoredShare = 0.2

  func answer(using random: inout some RandomNumberGenerator) -> Answer {
    if Double.random(in: 0..<1, using: &random) < acceptShare { return .accept }
    return Double.random(in: 0..<1, using: &random) < AgentBehaviour.ignoredShare ? .ignore : .decline
  }

  func awaitsCustomer(using random: inout some RandomNumberGenerator) -> Bool {
    Double.random(in: 0..<1, using: &random) < awaitShare
  }

  /// Returns a time between 0.5 and 1.5 times the mean.
  func time(using random: inout some RandomNumberGenerator) -> Duration {
    handleTime * Double.random(in: 0.5..<1.5, using: &random)
  }
}

/// The replies of simulated agents.
enum ReplyTemplate {
  /// - Parameter language: the classifier's label: `zh-Hans`, `zh-Hant`, `en`, `mixed`, …
  static func text(language: String?, asks: Bool) -> String {
    switch language {
    case "zh-Hant"?: asks ? "您好，為了幫您查詢，請提供訂單號碼。" : "您好，您的問題已經處理，如有疑問請隨時聯絡我們。"
    case "zh-Hans"?, "mixed"?: asks ? "您好，为了帮您查询，请提供订单号。" : "您好，您的问题已经处理，如有疑问请随时联系我们。"
    default:
      asks
        ? "Hello, so that we can look into it, please tell us your order number."
        : "Hello, we have taken care of it. Please write again if anything is left."
    }
  }
}
