import Foundation
import Testing

@testable import DeskCore

/// SQL of the store that reads a timeline's details names their keys as text. Each must be a key of the entries that it reads.
@Suite("SQL reads the timeline by the keys that are written")
struct TimelineSQLTests {
  /// The keys that SQL reads, and the kinds of entries that it reads them from.
  private static let read: [String: Set<TimelineEntry.Kind>] = [
    "origin": callBack, "number": callBack, "moves": callBack, "promised_at_us": callBack, "due_at_us": callBack,
    "check_at_us": callBack, "broken_at_us": callBack, "ended_at_us": callBack,
    "articles": [.queued, .triaged, .answered],
    "clock": [.slaBreached],
    "lead": [.followUpOpened],
    "leads": [.escalated, .callBackWarned, .callBackBroken],
    "guesses": [.queued, .triaged, .answered],
    "message": [.queued, .triaged, .answered, .customerWrote],
    "owner": callBack,
    "reason": [
      .accepted, .declined, .offerTimedOut, .offerWithdrawn, .resolved, .rejected, .requeued, .reclaimed, .labelled,
      .transferred, .linked, .absorbed, .merged, .priorityChanged, .queueMoved, .rerouted, .moveDeclined,
      .callBackPromised, .callBackMoved, .callBackWarned, .callBackBroken, .callBackEnded,
    ],
    "crisis": [.crisisAnswered],
    "from_agent": [.transferred, .rerouted],
    "from_queue": [.transferred],
    "queue": callBack.union([.labelled, .queued, .triaged]),
    "state": callBack.union([.customerWrote]),
    "to_agent": [.transferred],
    "to_queue": [.transferred],
    "service_level": [.queued, .triaged, .answered],
    "ticket": [.linked, .absorbed, .merged],
  ]

  /// The trigger that keeps the list of call-backs reads all their entries.
  private static let callBack: Set<TimelineEntry.Kind> = [
    .callBackPromised, .callBackMoved, .callBackWarned, .callBackBroken, .callBackEnded,
  ]

  /// Keys of another table's details (the audit's), and those that the database adds itself.
  private static let foreign: Set<String> = ["customer", "reason_salt"]

  @Test func everyKeyIsOneOfItsKinds() {
    for (key, kinds) in Self.read {
      for kind in kinds {
        #expect(TimelineEvent.keys(of: kind).contains(key), "\(kind.rawValue) has no \(key)")
      }
    }
  }

  /// A person's words are blanked on erasure under this key, wherever they are.
  @Test func wordsArePersonsReasonsOnly() {
    let kinds = TimelineEntry.Kind.allCases.filter { TimelineEvent.keys(of: $0).contains("reason") }
    #expect(Set(kinds) == Self.read["reason"])
  }

  @Test func everyKeyInTheStoresSQLIsKnown() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    var found: Set<String> = []
    for folder in ["Shared/Store", "Services"] {
      let files = FileManager.default.enumerator(at: root.appending(path: folder), includingPropertiesForKeys: nil)
      for case let url as URL in try #require(files) where ["swift", "sql"].contains(url.pathExtension) {
        let text = try String(contentsOf: url, encoding: .utf8)
        for mark in ["detail->>'", "detail->'", "detail ? '"] {
          for rest in text.components(separatedBy: mark).dropFirst() {
            found.insert(String(rest.prefix { $0 != "'" }))
          }
        }
      }
    }
    #expect(found.subtracting(Self.read.keys).subtracting(Self.foreign) == [], "say here which kinds have it")
    #expect(found.isSuperset(of: ["articles", "clock", "message"]), "the scan finds nothing")
  }
}
