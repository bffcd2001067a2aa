import DeskCore
import Foundation
import Testing

/// Customers and an agent who act out, on channels and queues that no one else uses, what the crowd of a day does not do: second concerns,
/// thanks, repeated contacts, merges, call-backs, refused replies. A seed determines who does what.
struct DayScript {
  /// What a customer does.
  private enum Part: CaseIterable {
    case thanks, returns, secondConcern, twoChannels, callBack, refusedReply
  }

  private struct Customer {
    let part: Part
    let name: String
    let channel: LifeDesk.Voice
    let isChinese: Bool
    /// What else chance decides: which call-back is broken, who of two writes first.
    let isOther: Bool
  }

  /// What the policy needs so that only the script's agent gets the script's tickets.
  enum Policy {
    static let teams = """
        day:
          lead: day-cleo

      """
    static let agents = """
        - { id: day-cleo, teams: [day], languages: [zh, en], capacity: 100 }

      """
    static let queues = """
        day-parcels: { teams: [day], offer_time: 20m }
        day-claims: { teams: [day], offer_time: 20m }

      """
    static let rules = """
        - { name: day-claim, when: { channel: [shop, post], words: [lawyer, 律师] }, queue: day-claims, priority: urgent }
        - { name: day-parcel, when: { channel: [shop, post] }, queue: day-parcels }

      """
    static let channels = """
        shop: { replies: fetch, reopen_window: 1d }
        post: { replies: fetch, reopen_window: 1d }

      """

    /// Adds the script's people and places to a policy.
    static func added(to policy: String) throws -> String {
      var text = policy
      for (section, entries) in [
        ("teams", teams), ("agents", agents), ("queues", queues), ("rules", rules), ("channels", channels),
      ] {
        let head = try #require(text.firstRange(of: "\n\(section):\n"), "the policy has the section \(section)")
        text.insert(contentsOf: entries, at: head.upperBound)
      }
      return text
    }
  }

  private static let claims = "day-claims"
  private static let parcels = "day-parcels"
  private static let agent = LifeDesk.Voice.cleo

  private let life: LifeDesk
  private let customers: [Customer]
  private(set) var record = DayRecord()
  private(set) var fetched: [String: [DayChecker.Reply]] = [:]
  private var cursors: [String: String] = [:]
  private var written = 0

  init(_ life: LifeDesk, seed: UInt64, perPart: Int) {
    self.life = life
    var random = SeededGenerator(seed: seed)
    var customers: [Customer] = []
    for part in Part.allCases {
      for number in 0..<perPart {
        customers.append(
          Customer(
            part: part, name: "day-\(part)-\(number)", channel: Bool.random(using: &random) ? .shop : .post,
            isChinese: Bool.random(using: &random), isOther: number.isMultiple(of: 2)))
      }
    }
    self.customers = customers.shuffled(using: &random)
  }

  // MARK: The day

  /// Acts out everything, fetching replies all along.
  mutating func run() async throws {
    var tickets: [String: String] = [:]
    var others: [String: String] = [:]
    // The agent has not come yet.
    for customer in customers {
      tickets[customer.name] = try await write(.concern(queue: Self.parcels), from: customer)
      if customer.part == .twoChannels {
        others[customer.name] = try await write(
          .concern(queue: Self.parcels), from: customer, by: customer.channel == .shop ? .post : .shop)
      }
    }
    for customer in customers where customer.part == .secondConcern {
      let ticket = try #require(tickets[customer.name])
      _ = try await life.until(Self.agent, "/v1/tickets/\(ticket)") { $0["state"] == "queued" }
      _ = try await write(.concern(queue: Self.claims), from: customer)
      _ = try await life.until(Self.agent, "/v1/tickets/\(ticket)/timeline") { $0.text.contains("customer_wrote") }
    }
    try await life.come(Self.agent)
    try await take(Set(tickets.values).union(others.values))
    for customer in customers {
      let ticket = try #require(tickets[customer.name])
      switch customer.part {
      case .thanks:
        try await solve(ticket, of: customer)
        try await thank(for: ticket, customer)
      case .returns:
        try await solve(ticket, of: customer)
        if customer.isOther { try await thank(for: ticket, customer) }
        _ = try await write(.concern(queue: Self.claims), from: customer)
        try await take([ticket])
        try await solve(ticket, of: customer)
      case .secondConcern: try await solve(ticket, of: customer)
      case .twoChannels: try await merge(ticket, #require(others[customer.name]), of: customer)
      case .callBack: try await promise(on: ticket, customer)
      case .refusedReply:
        try await refuse(on: ticket, customer)
        try await solve(ticket, of: customer)
      }
      try await fetch()
    }
  }

  /// Waits until the call-backs that were not kept are past their time, and reads all tickets that were not merged into others.
  func shown() async throws -> [String: DayChecker.Ticket] {
    for case .promised(let ticket, let due) in record.acts where due < Date(timeIntervalSinceNow: Self.hour / 2) {
      _ = try await life.until(Self.agent, "/v1/tickets/\(ticket)") {
        ($0.body["call_back"] as? [String: Any])?["state"] as? String != "open"
      }
    }
    var shown: [String: DayChecker.Ticket] = [:]
    for ticket in record.livingTickets {
      let seen = try await life.ask(Self.agent, "GET", "/v1/tickets/\(ticket)", expecting: 200)
      shown[ticket] = DayChecker.Ticket(
        isResolved: ["resolved", "closed"].contains(seen["state"]), isConfirmed: seen["confirmed_at"] != nil,
        reopened: seen.body["reopened"] as? Int ?? -1,
        callBack: (seen.body["call_back"] as? [String: Any])?["state"] as? String)
    }
    return shown
  }

  private static let hour: TimeInterval = 3_600

  // MARK: What customers do

  private mutating func write(
    _ meaning: DayRecord.Meaning, from customer: Customer, by channel: LifeDesk.Voice? = nil
  ) async throws -> String {
    let channel = channel ?? customer.channel
    let text =
      switch meaning {
      case .concern(queue: Self.claims): customer.isChinese ? "我要找律师" : "I will call my lawyer"
      case .concern: customer.isChinese ? "我的快递一周没动了" : "Where is my parcel?"
      case .thanks: customer.isChinese ? "谢谢" : "Thank you!"
      case .more: customer.isChinese ? "我的快递有消息了吗" : "Any news?"
      }
    written += 1
    let ticket = try await life.write(text, from: customer.name, by: channel, id: "day-\(written)")
    record.add(
      .wrote(DayRecord.Writer(channel: channel.rawValue, customer: customer.name), meaning, ticket: ticket))
    return ticket
  }

  private mutating func thank(for ticket: String, _ customer: Customer) async throws {
    _ = try await write(.thanks, from: customer)
    _ = try await life.until(Self.agent, "/v1/tickets/\(ticket)/timeline") { $0.text.contains(#""confirmed""#) }
  }

  // MARK: What the agent does

  /// Accepts these tickets in whatever order they are offered.
  private mutating func take(_ tickets: Set<String>) async throws {
    var left = tickets
    while !left.isEmpty {
      try Task.checkCancellation()
      for ticket in left.sorted() {
        let seen = try await life.ask(Self.agent, "GET", "/v1/tickets/\(ticket)", expecting: 200)
        guard let offer = seen.body["offer"] as? [String: Any], let name = offer["offer_id"] as? String else {
          continue
        }
        try await life.ask(Self.agent, "POST", "/v1/offers/\(name)/accept", expecting: 200)
        record.add(.took(ticket: ticket, queue: seen["queue"] ?? ""))
        left.remove(ticket)
      }
    }
  }

  private mutating func reply(_ text: String, on ticket: String, awaiting: Bool = false) async throws {
    try await life.reply(text, on: ticket, by: Self.agent, awaiting: awaiting)
    record.add(.replied(ticket: ticket, text: text))
  }

  private mutating func solve(_ ticket: String, of customer: Customer) async throws {
    let text = customer.isChinese ? "已为您处理好" : "It has been taken care of"
    try await reply("\(text) (\(record.acts.count))", on: ticket)
    try await life.ask(Self.agent, "POST", "/v1/tickets/\(ticket)/resolve", expecting: 200)
    record.add(.resolved(ticket: ticket))
  }

  /// Merges the second ticket into the first, and answers the customer on both channels in turn.
  private mutating func merge(_ ticket: String, _ other: String, of customer: Customer) async throws {
    try await life.ask(
      Self.agent, "POST", "/v1/tickets/\(other)/merge",
      ["into": ticket, "across_customers": true, "reason": "same customer"], expecting: 200)
    record.add(.merged(ticket: other, into: ticket))
    let second: LifeDesk.Voice = customer.channel == .shop ? .post : .shop
    for channel in customer.isOther
      ? [customer.channel, second, customer.channel] : [second, customer.channel, second]
    {
      _ = try await write(.more, from: customer, by: channel)
      _ = try await life.until(Self.agent, "/v1/tickets/\(ticket)") {
        ($0.body["reply_to"] as? [String: Any])?["channel"] as? String == channel.rawValue
      }
      try await reply("Still on its way (\(record.acts.count))", on: ticket, awaiting: true)
    }
  }

  /// Promises a call-back, and calls back or forgets it.
  private mutating func promise(on ticket: String, _ customer: Customer) async throws {
    let due = Date(timeIntervalSinceNow: customer.isOther ? 6 : Self.hour)
    let path = "/v1/tickets/\(ticket)/callbacks/1"
    try await life.ask(Self.agent, "PUT", path, ["due_at": due.ISO8601Format()], expecting: 200)
    record.add(.promised(ticket: ticket, due: due))
    guard !customer.isOther else { return }
    try await life.ask(Self.agent, "PUT", path, ["state": "kept"], expecting: 200)
    record.add(.called(ticket: ticket, at: Date()))
  }

  private mutating func refuse(on ticket: String, _ customer: Customer) async throws {
    let text = "You idiot, read the tracking page (\(record.acts.count))"
    let refused = try await life.ask(
      Self.agent, "POST", "/v1/tickets/\(ticket)/replies", ["text": text], expecting: 422)
    #expect(refused["type"] == "urn:frontdesk:problem:reply-blocked")
    record.add(.blocked(ticket: ticket, text: text))
  }

  // MARK: What the channels fetch

  /// Fetches what is new, in small pages from each channel's cursor on.
  private mutating func fetch() async throws {
    for channel in [LifeDesk.Voice.shop, .post] {
      while true {
        let page = try await life.ask(
          channel, "GET", "/v1/replies?limit=2&after=\(cursors[channel.rawValue] ?? "0")", expecting: 200)
        let replies = try #require(page.body["replies"] as? [[String: Any]])
        guard !replies.isEmpty else { break }
        let next: String = try #require(page["next"])
        cursors[channel.rawValue] = next
        fetched[channel.rawValue, default: []] += replies.map { reply in
          DayChecker.Reply(
            customer: reply["customer"] as? String ?? "", ticket: reply["ticket_id"] as? String ?? "",
            text: reply["text"] as? String ?? "")
        }
      }
    }
  }
}
