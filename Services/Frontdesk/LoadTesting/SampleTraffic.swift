import DeskCore

/// Any number of messages generated from a few samples, each different from the others: its own id and customer, and small,
/// realistic variations of the text.
///
/// The same prefix, samples and position always give the same message, so that a run can be repeated.
struct SampleTraffic: Sendable {
  let samples: [String]
  private let areChinese: [Bool]
  let channels: [ChannelID]
  let prefix: String
  /// Messages per customer; above one, later messages join the customer's open ticket.
  let messagesPerCustomer: Int
  /// The number of messages until a customer's next one; 1 for at once.
  let returnAfter: Int
  /// Of each message.
  // exact-keys: names that we choose.
  var attributes: [String: String] = [:]

  init(
    samples: [String], channels: [ChannelID], prefix: String, messagesPerCustomer: Int = 1, returnAfter: Int = 1
  ) {
    precondition(
      !samples.isEmpty && !channels.isEmpty && messagesPerCustomer > 0 && returnAfter > 0,
      "there are samples and channels")
    self.samples = samples
    areChinese = samples.map(Self.isChinese)
    self.channels = channels
    self.prefix = prefix
    self.messagesPerCustomer = messagesPerCustomer
    self.returnAfter = returnAfter
  }

  /// Returns the message at a position, counted from zero.
  func message(_ position: Int) -> SentMessage {
    // A group of customers, as many as write before the first one returns, takes turns; then the next group follows.
    let round = position / (messagesPerCustomer * returnAfter)
    let customer = round * returnAfter + position % returnAfter
    // A stride that is coprime to most counts visits all samples before it repeats one.
    let sample = (position &* 7919) % samples.count
    return SentMessage(
      channel: channels[customer % channels.count], id: "\(prefix)\(position)",
      customer: "\(prefix)customer-\(customer)",
      text: Self.varied(samples[sample], position / samples.count, isChinese: areChinese[sample]), subject: nil,
      attributes: attributes)
  }

  /// Returns the text of the n-th repetition; the first is the sample itself.
  static func varied(_ text: String, _ repetition: Int, isChinese: Bool) -> String {
    guard repetition > 0 else { return text }
    let openings = isChinese ? chineseOpenings : englishOpenings
    let endings = isChinese ? chineseEndings : englishEndings
    let opening = openings[repetition % openings.count]
    let ending = endings[repetition / openings.count % endings.count]
    let order = isChinese ? "（单号\(100_000 + repetition)）" : " (order \(100_000 + repetition))"
    return opening + text + ending + order
  }

  /// Returns whether a text has Han characters.
  static func isChinese(_ text: String) -> Bool {
    text.unicodeScalars.contains { (0x4E00...0x9FFF).contains($0.value) }
  }

  private static let chineseOpenings = ["你好，", "请问一下，", "麻烦看看，", "急！", ""]
  private static let englishOpenings = ["Hello, ", "Hi there, ", "Could you please look at this: ", "Urgent: ", ""]
  private static let chineseEndings = ["", "，谢谢", "？", "，等你们回复", "！"]
  private static let englishEndings = ["", ", thanks", "?", ", please answer soon", "!"]
}
