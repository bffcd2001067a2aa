import DeskCore
import Simulator
import Testing

@Suite("The format of recordings")
struct RecordingFormatTests {
  static let recording = Recording(
    stretch: Recording.Stretch(
      from: Instant(seconds: 1_772_409_600), to: Instant(seconds: 1_772_496_000), zone: "Asia/Shanghai",
      policyVersion: 7, workers: ["router": 2, "intake": 1]),
    agents: [
      RecordedAgent(
        profile: AgentProfile(
          id: "agent-1", teams: ["billing"], skills: ["refund": 8, "parcel": 3], languages: ["en"], capacity: 4),
        changes: [
          .init(at: -5_000, presence: .available, capacity: 4), .init(at: 60_000, presence: .away, capacity: 4),
        ])
    ],
    tickets: [
      RecordedTicket(
        id: "ticket-1", customer: "customer-1", channel: "web", tier: .vip, dedicatedAgent: "agent-1", opened: -20,
        decision: RecordedTicket.Decision(
          at: 30, policyVersion: 7,
          labels: Labels(
            category: "billing", intent: "refund", confidence: 0.875, urgency: .high, sentiment: .negative,
            language: "zh-Hans", modelVersion: "m3"), productLine: "phones", found: [0, 4], met: [1], queue: "money",
          priority: .high, skills: [SkillRequirement("refund", proficiency: 5)], weight: TicketWeight.whole,
          needsTriage: true, isByArticle: false), firstDue: 900_000, isFirstLate: true,
        messages: [.init(at: -20, author: .customer), .init(at: 70_000, author: .agent)],
        offers: [
          .init(at: 1_000, agent: "agent-1", answer: .timedOut, answeredAt: 31_000),
          .init(at: 40_000, agent: "agent-1", answer: nil, answeredAt: nil),
        ],
        hands: [.init(agent: "agent-1", since: 41_000, handled: 29_000, pended: 0, endedBy: "resolved")],
        end: .init(at: 70_000, how: .resolved)),
      RecordedTicket(
        id: "ticket-2", customer: "customer-2", channel: "mail", tier: .standard, dedicatedAgent: nil, opened: 500,
        decision: nil, firstDue: nil, isFirstLate: false, messages: [], offers: [], hands: [], end: nil),
    ])

  /// The lines, without their ends.
  static func lines(of recording: Recording = recording) -> [String] {
    var writer = RecordingWriter()
    var bytes = writer.line(recording.stretch)
    for agent in recording.agents { bytes += writer.line(agent) }
    for ticket in recording.tickets { bytes += writer.line(ticket) }
    bytes += writer.end()
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  private func read(_ lines: [String]) throws(RecordingError) -> Recording {
    var reader = RecordingReader()
    for line in lines { try reader.read(Array(line.utf8)) }
    return try reader.finish()
  }

  private func error(_ lines: [String]) -> String? {
    do {
      _ = try read(lines)
      return nil
    } catch {
      return error.description
    }
  }

  @Test func whatIsWrittenIsRead() throws {
    #expect(try read(Self.lines()) == Self.recording)
  }

  @Test func linesAreAsDocumented() {
    let lines = Self.lines()
    #expect(
      lines[0]
        == #"{"frontdesk_recording":1,"from":"2026-03-02T00:00:00.000000Z","to":"2026-03-03T00:00:00.000000Z","zone":"Asia/Shanghai","policy":7,"workers":{"intake":1,"router":2}}"#
    )
    #expect(
      lines[1]
        == #"{"agent":"agent-1","teams":["billing"],"skills":{"parcel":3,"refund":8},"languages":["en"],"capacity":4,"presence":[[-5000,"available",4],[60000,"away",4]]}"#
    )
    #expect(
      lines[3] == #"{"ticket":"ticket-2","customer":"customer-2","channel":"mail","tier":"standard","opened":500}"#)
  }

  @Test func everyTruncatedFileIsRefused() {
    let lines = Self.lines()
    for count in lines.indices {
      #expect(error(Array(lines.prefix(count)))?.contains("the end is missing") == true, "\(count) lines")
    }
    for length in 1..<lines[4].count {
      let cut = Array(lines.prefix(4)) + [String(lines[4].prefix(length))]
      #expect(error(cut)?.hasPrefix("line 5: not a JSON object") == true)
    }
  }

  @Test func aMissingLineIsCounted() {
    var lines = Self.lines()
    lines.remove(at: 2)
    #expect(error(lines)?.contains("it counts 1 agents, 2 tickets and 5 lines, the file has 1, 1 and 4") == true)
  }

  @Test func aChangedByteIsFoundByTheChecksum() {
    var lines = Self.lines()
    lines[2] = lines[2].replacing("70000", with: "70001")
    #expect(error(lines)?.contains("the checksum is not that of the lines before") == true)
  }

  @Test(arguments: [
    (2, #""opened":-20"#, #""opened":"soon""#, "line 3: member `opened` must be a whole number"),
    (2, #""opened":-20"#, #""opened":-20,"colour":1"#, "line 3: member `colour` is unknown or occurs twice"),
    (2, #""opened":-20"#, #""opened":-20,"opened":-20"#, "line 3: member `opened` is unknown or occurs twice"),
    (2, #""customer":"customer-1","#, "", "line 3: member `customer` must be a text"),
    (2, #""priority":2"#, #""priority":9"#, "line 3: member `decision.priority` must be a whole number from 1 to 4"),
    (2, #"[70000,"agent"]"#, #"[70000,"nobody"]"#, "line 3: member `messages[1]` must be [milliseconds, author]"),
    (2, #""timed_out",31000"#, #""timed_out",null"#, "line 3: member `offers[0]` must be"),
    (
      2, #""confidence":0.875"#, #""confidence":2"#, "line 3: member `decision.confidence` must be a number from 0 to 1"
    ),
    (1, #""away""#, #""asleep""#, "line 2: member `presence[1]` must be"),
    (1, #"[60000,"#, #"[-60000,"#, "line 2: member `presence` must be in the order of time"),
    (
      0, #""frontdesk_recording":1"#, #""frontdesk_recording":2"#,
      "line 1: member `frontdesk_recording`: format 2 is unknown"
    ),
    (
      0, #""to":"2026-03-03T00:00:00.000000Z""#, #""to":"2026-03-01T00:00:00Z""#,
      "line 1: member `to` is not after `from`"
    ),
    (0, #""frontdesk_recording":1,"#, "", "line 1: not a recording"),
    (3, #""ticket":"ticket-2""#, #""ticket":"ticket-1""#, "line 4: the ticket ticket-1 occurs twice"),
  ])
  func aMistakeIsNamedWithItsLine(line: Int, text: String, wrong: String, message: String) {
    var lines = Self.lines()
    #expect(lines[line].contains(text), "the example has what is replaced")
    lines[line] = lines[line].replacing(text, with: wrong)
    #expect(error(lines)?.hasPrefix(message) == true, "\(error(lines) ?? "no error")")
  }

  /// Its checksum is right: someone has written it with care.
  @Test func aStretchOfThousandsOfYearsIsRefused() {
    let short = Self.recording.stretch
    let stretch = Recording.Stretch(
      from: short.from, to: Instant(seconds: 253_402_300_799), zone: short.zone, policyVersion: short.policyVersion,
      workers: short.workers)
    let long = Recording(stretch: stretch, agents: [], tickets: [])
    #expect(
      error(Self.lines(of: long)) == "line 1: member `to` is more than 31 days after `from`; record a shorter stretch")
  }

  @Test func linesAfterTheEndAreRefused() {
    let lines = Self.lines()
    #expect(error(lines + [lines[1]])?.contains("it follows the end") == true)
  }
}
