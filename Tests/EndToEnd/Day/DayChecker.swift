import Foundation

/// Derives from a day's record what must hold at its end, and compares it with what channels and people were shown. It shares no code with
/// the desk.
struct DayChecker {
  /// A reply as its channel fetches it.
  struct Reply: Equatable {
    let customer: String
    let ticket: String
    let text: String
  }

  /// A ticket as an agent is shown it when the day is over.
  struct Ticket {
    var isResolved: Bool
    var isConfirmed: Bool
    var reopened: Int
    /// The state of its call-back; nil if none was promised.
    var callBack: String?
  }

  /// Violations, each a sentence.
  private(set) var findings: [String] = []
  /// How often each rule had something to check.
  private(set) var checked: [Rule: Int] = [:]

  enum Rule: String, CaseIterable {
    case concern, thanks, reopening, merging, callBack, interception, replies
  }

  // What is known of each ticket so far.
  private var survivors: [String: String] = [:]
  private var concerns: [String: String] = [:]
  private var lastWriters: [String: DayRecord.Writer] = [:]
  /// The number of the newest message of each ticket, counted over the day.
  private var lastMessages: [String: Int] = [:]
  private var messages = 0
  private var resolved: Set<String> = []
  private var confirmed: Set<String> = []
  private var reopened: [String: Int] = [:]
  private var callBacks: [String: CallBack] = [:]
  private var leaving: [String: [Reply]] = [:]

  private struct CallBack {
    let due: Date
    var called: Date?

    /// What became of it by a time.
    func state(at end: Date) -> String {
      if let called, called < due { return "kept" }
      return due < end ? "broken" : "open"
    }
  }

  /// - Parameters:
  ///   - end: when the tickets were shown.
  ///   - fetched: the replies of each channel, in the order in which it fetched them.
  ///   - shown: the tickets that live at the end of the day.
  init(_ record: DayRecord, end: Date, fetched: [String: [Reply]], shown: [String: Ticket]) {
    for act in record.acts { follow(act) }
    compareReplies(with: fetched, blocked: record.blockedTexts)
    compareTickets(with: shown, at: end)
  }

  private mutating func follow(_ act: DayRecord.Act) {
    switch act {
    case .wrote(let writer, let meaning, let ticket): receive(meaning, from: writer, on: ticket)
    case .took(let ticket, let queue):
      let wanted = concerns[ticket] ?? ""
      expect(.concern, queue == wanted, "\(ticket) was accepted from \(queue), its newest concern belongs to \(wanted)")
    case .replied(let ticket, let text):
      guard let writer = lastWriters[ticket] else {
        findings.append("\(ticket) was answered, but no customer wrote on it")
        return
      }
      leaving[writer.channel, default: []].append(Reply(customer: writer.customer, ticket: ticket, text: text))
    case .blocked: break
    case .resolved(let ticket): resolved.insert(ticket)
    case .merged(let ticket, let other):
      survivors[ticket] = other
      if lastMessages[ticket] ?? 0 > lastMessages[other] ?? 0 { lastWriters[other] = lastWriters[ticket] }
    case .promised(let ticket, let due): callBacks[ticket] = CallBack(due: due, called: nil)
    case .called(let ticket, let time): callBacks[ticket]?.called = time
    }
  }

  private mutating func receive(_ meaning: DayRecord.Meaning, from writer: DayRecord.Writer, on ticket: String) {
    if let survivor = survivors[ticket] {
      findings.append("\(writer) reached \(ticket), which was merged into \(survivor)")
    }
    // A merged customer's follow-up must have reached the ticket that lives.
    for (other, survivor) in survivors where lastWriters[other] == writer {
      expect(.merging, ticket == survivor, "\(writer) reached \(ticket) and not \(survivor), which lives")
    }
    messages += 1
    lastWriters[ticket] = writer
    lastMessages[ticket] = messages
    switch meaning {
    case .thanks where resolved.contains(ticket): confirmed.insert(ticket)
    case .thanks: break
    case .concern, .more:
      if resolved.remove(ticket) != nil {
        reopened[ticket, default: 0] += 1
        confirmed.remove(ticket)
      }
      if case .concern(let queue) = meaning { concerns[ticket] = queue }
    }
  }

  private mutating func compareReplies(with fetched: [String: [Reply]], blocked: [String]) {
    for channel in Set(leaving.keys).union(fetched.keys).sorted() {
      let (wanted, got) = (leaving[channel] ?? [], fetched[channel] ?? [])
      expect(.replies, got == wanted, "\(channel) fetched \(got), written were \(wanted)")
    }
    for text in blocked {
      let hasLeft = fetched.values.contains { $0.contains { $0.text == text } }
      expect(.interception, !hasLeft, "the refused reply “\(text)” has left")
    }
  }

  private mutating func compareTickets(with shown: [String: Ticket], at end: Date) {
    for ticket in lastWriters.keys.sorted() where survivors[ticket] == nil {
      guard let seen = shown[ticket] else {
        findings.append("\(ticket) is not shown")
        continue
      }
      let times = reopened[ticket] ?? 0
      expect(.reopening, seen.reopened == times, "\(ticket) was reopened \(seen.reopened) times instead of \(times)")
      if confirmed.contains(ticket) {
        expect(.thanks, seen.isResolved && seen.isConfirmed, "thanks did not confirm \(ticket): \(seen)")
      } else if seen.isConfirmed {
        findings.append("\(ticket) is confirmed, but its customer has not said so")
      }
      if callBacks[ticket] != nil || seen.callBack != nil {
        let (wanted, got) = (callBacks[ticket]?.state(at: end) ?? "none", seen.callBack ?? "none")
        expect(.callBack, got == wanted, "the call-back of \(ticket) is \(got) instead of \(wanted)")
      }
    }
  }

  private mutating func expect(_ rule: Rule, _ holds: Bool, _ text: @autoclosure () -> String) {
    checked[rule, default: 0] += 1
    if !holds { findings.append("\(rule.rawValue): \(text())") }
  }
}
