import Foundation
import Testing

/// The checker of a day finds what it must find.
@Suite("The checker of a day")
struct DayCheckerTests {
  private static let shop = DayRecord.Writer(channel: "shop", customer: "cara")
  private static let post = DayRecord.Writer(channel: "post", customer: "cara")
  private static let start = Date(timeIntervalSince1970: 1_800_000_000)

  /// A day on which everything is right, and what was seen of it.
  private struct Day {
    var acts: [DayRecord.Act] = [
      .wrote(shop, .concern(queue: "parcels"), ticket: "a"), .wrote(post, .concern(queue: "parcels"), ticket: "b"),
      .took(ticket: "a", queue: "parcels"), .took(ticket: "b", queue: "parcels"), .merged(ticket: "b", into: "a"),
      .replied(ticket: "a", text: "first"), .wrote(shop, .more, ticket: "a"), .replied(ticket: "a", text: "second"),
      .wrote(post, .more, ticket: "a"), .blocked(ticket: "a", text: "rude"), .resolved(ticket: "a"),
      .wrote(shop, .concern(queue: "claims"), ticket: "a"), .took(ticket: "a", queue: "claims"),
      .promised(ticket: "a", due: start + 60), .called(ticket: "a", at: start + 30), .resolved(ticket: "a"),
      .wrote(shop, .thanks, ticket: "a"),
    ]
    var fetched: [String: [DayChecker.Reply]] = [
      "post": [.init(customer: "cara", ticket: "a", text: "first")],
      "shop": [.init(customer: "cara", ticket: "a", text: "second")],
    ]
    var shown = ["a": DayChecker.Ticket(isResolved: true, isConfirmed: true, reopened: 1, callBack: "kept")]

    var checker: DayChecker {
      var record = DayRecord()
      for act in acts { record.add(act) }
      return DayChecker(record, end: start + 120, fetched: fetched, shown: shown)
    }
  }

  @Test func aDayWithoutFaultsHasNoFindings() {
    let checker = Day().checker
    #expect(checker.findings.isEmpty, "\(checker.findings)")
    #expect(Set(checker.checked.keys) == Set(DayChecker.Rule.allCases))
  }

  @Test func eachRuleFindsItsViolation() {
    let faults: [(rule: DayChecker.Rule, change: (inout Day) -> Void)] = [
      (.concern, { $0.acts[12] = .took(ticket: "a", queue: "parcels") }),
      (.thanks, { $0.shown["a"]?.isConfirmed = false }),
      (.thanks, { $0.shown["a"]?.isResolved = false }),
      (.reopening, { $0.shown["a"]?.reopened = 2 }),
      (.merging, { $0.acts[8] = .wrote(Self.post, .more, ticket: "c") }),
      (.callBack, { $0.shown["a"]?.callBack = "broken" }),
      (.callBack, { $0.acts[14] = .called(ticket: "a", at: Self.start + 90) }),
      (.interception, { $0.fetched["post"]?.append(.init(customer: "cara", ticket: "a", text: "rude")) }),
      (.replies, { $0.fetched["shop"] = [] }),
      (.replies, { day in day.fetched["shop"] = day.fetched["shop"].map { $0 + $0 } }),
      (.replies, { day in day.fetched = ["shop": day.fetched["post"] ?? [], "post": day.fetched["shop"] ?? []] }),
    ]
    for (number, fault) in faults.enumerated() {
      var day = Day()
      fault.change(&day)
      let findings = day.checker.findings
      #expect(findings.contains { $0.hasPrefix("\(fault.rule.rawValue): ") }, "fault \(number): \(findings)")
    }
  }
}
