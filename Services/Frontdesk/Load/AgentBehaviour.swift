/// How simulated agents behave.
struct AgentTemper: Sendable, Equatable {
  /// What an agent does with an offer.
  enum Answer: Sendable, Equatable {
    case accept, decline
    /// Lets its time run out.
    case ignore
  }

  /// The mean time from accepting a ticket to resolving it.
  var handleTime: Duration
  /// 0 to 1; most of the rest is declined, and a few offers run out.
  var acceptShare: Double
  /// The share of tickets whose agent first asks the customer something, 0 to 1.
  var awaitShare = 0.1

  /// The share of tickets at which something else comes between, 0 to 1: the ticket is handed on, or after it the agent takes a break,
  /// or goes without a word.
  var unrest = 0.0

  /// What comes between.
  enum Interruption: Sendable, Equatable {
    case transfer, rest, vanish
  }

  /// How long a break is, in handling times.
  static let breakLength = 4.0
  /// How long who went without a word stays away: longer than routers wait for a sign of life.
  static let absence: Duration = .seconds(50)
  /// Of twenty interruptions so many are of each kind.
  private static let interruptions =
    Array(repeating: Interruption.transfer, count: 10) + Array(repeating: .rest, count: 9) + [.vanish]

  func interruption(using random: inout some RandomNumberGenerator) -> Interruption? {
    let draw = Double.random(in: 0..<1, using: &random)
    let kind = AgentTemper.interruptions.randomElement(using: &random)
    return draw < unrest ? kind : nil
  }

  /// Of the offers that are not accepted, this share runs out.
  static let ignoredShare = 0.2

  func answer(using random: inout some RandomNumberGenerator) -> Answer {
    if Double.random(in: 0..<1, using: &random) < acceptShare { return .accept }
    return Double.random(in: 0..<1, using: &random) < AgentTemper.ignoredShare ? .ignore : .decline
  }

  func awaitsCustomer(using random: inout some RandomNumberGenerator) -> Bool {
    Double.random(in: 0..<1, using: &random) < awaitShare
  }

  /// Between half and one and a half of the mean.
  func time(using random: inout some RandomNumberGenerator) -> Duration {
    handleTime * Double.random(in: 0.5..<1.5, using: &random)
  }
}

/// What simulated agents write.
enum ReplyTemplate {
  /// - Parameter language: as the classifier labels: `zh-Hans`, `zh-Hant`, `en`, `mixed`, …
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

/// A small generator of random numbers whose seed makes a run repeatable (SplitMix64, Steele, Lea and Flood 2014).
struct SeededRandom: RandomNumberGenerator, Sendable {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
