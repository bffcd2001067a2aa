import DeskCore
import Foundation
import Wire

/// Labelled messages as a router gets them from a classifier.
enum SampleItems {
  /// Reads the samples of the model: `text,label,urgency,sentiment`.
  static func read(_ file: URL, count: Int) throws -> [LinkItem] {
    let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").dropFirst()
    var random = SeededGenerator(seed: 11)
    var items: [LinkItem] = []
    for line in lines where !line.contains("\"") {
      let fields = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      guard fields.count == 4 else { continue }
      items.append(item(items.count, fields[0], category: fields[1], mood: fields[3], using: &random))
      if items.count == count { return items }
    }
    while items.count < count { items.append(items[items.count % lines.count]) }
    return items
  }

  private static let channels = ["app", "web", "wechat", "email", "social"]

  private static func item(
    _ number: Int, _ text: String, category: String, mood: String, using random: inout SeededGenerator
  ) -> LinkItem {
    let time = Instant(seconds: 1_772_442_000) + .milliseconds(number)
    let isChinese = text.unicodeScalars.contains { $0.value > 0x2E80 }
    var labels = LinkLabels()
    labels.category = category
    labels.intent = category
    labels.confidence = 0.3 + 0.6 * Float(random.next() % 1_000) / 1_000
    labels.urgency = 1
    labels.sentiment = mood == "negative" ? -1 : 0
    labels.language = isChinese ? "zh-Hans" : "en"
    labels.modelVersion = "sample-20261128-4f1c2a9b"
    labels.guesses = [category, "logistics", "refund"].enumerated().map { place, name in
      LinkLabels.Guess(name, probability: place == 0 ? labels.confidence : 0.1 / Float(place))
    }
    labels.articleIDs = ["track-a-parcel", "delivered-not-received", "refund-time"]
    labels.articleCoverages = [0.02 + Float(random.next() % 100) / 130, 0.0213, 0.0187]
    var content = LinkItem.Content()
    let message = MessageID(at: time, using: &random)
    content.ticketID = ItemID(TicketID(at: time, using: &random))
    content.channel = channels[number % channels.count]
    content.customer = "customer-\(number)"
    content.text = varied(text, number, isChinese)
    content.receivedAtUs = time.microseconds
    content.traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"
    content.opensTicket = true
    content.tier = CustomerTier.standard.rawValue
    content.labels = labels
    return LinkItem(ItemID(message), content)
  }

  /// As customers write: some greet, some name an order.
  private static func varied(_ text: String, _ number: Int, _ isChinese: Bool) -> String {
    switch number % 4 {
    case 0: (isChinese ? "你好，" : "Hello, ") + text
    case 1: text + (isChinese ? "（单号\(100_000 + number)），谢谢" : " (order \(100_000 + number)), thanks")
    default: text
    }
  }
}
