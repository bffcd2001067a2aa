import DeskCore
import Foundation
import FoundationXML
import HTTPService
import Testing

@testable import Store
@testable import UseCases

@Suite struct ReportDaysTests {
  /// 2026-03-02 at 17:30 UTC, which is the third already in Shanghai.
  private let now = Instant(microseconds: 1_772_472_600_000_000)

  private func days(_ from: String? = nil, _ to: String? = nil, zone: String? = nil) throws -> ReportDays {
    try ReportDays(from: from, to: to, zone: zone, now: now)
  }

  @Test func theDefaultPeriodIsAWeekUpToToday() throws {
    let days = try days()
    #expect(days.first == "2026-02-24" && days.last == "2026-03-02")
    #expect(days.period.end - days.period.start == .seconds(7 * 86_400))
    #expect(days.period.days.map(\.name) == (24...28).map { "2026-02-\($0)" } + ["2026-03-01", "2026-03-02"])
    #expect(try self.days(zone: "Asia/Shanghai").last == "2026-03-03")
    #expect(try self.days(nil, "2026-01-31").first == "2026-01-25")
  }

  @Test func daysStartInTheirZoneAndMayBeShort() throws {
    let shanghai = try days("2026-03-01", "2026-03-01", zone: "Asia/Shanghai").period
    #expect(shanghai.start == Instant(microseconds: 1_772_294_400_000_000), "16:00 UTC of the day before")
    let german = try days("2026-03-29", "2026-03-29", zone: "Europe/Berlin").period
    #expect(german.end - german.start == .seconds(23 * 3600), "the clock moves forward")
  }

  @Test(
    arguments: [
      ("2026-02-30", nil, nil, "from"), ("20260301", nil, nil, "from"), ("2026-3-1", nil, nil, "from"),
      (nil, "yesterday", nil, "to"), (nil, "", nil, "to"), ("2026-03-02", "2026-03-01", nil, "from"),
      ("2024-01-01", "2026-01-01", nil, "from"), (nil, nil, "Atlantis", "zone"), (nil, nil, "", "zone"),
      // Read with opposite signs here and by PostgreSQL.
      (nil, nil, "GMT+8", "zone"), (nil, nil, "GMT+0800", "zone"),
      (nil, nil, "../../etc/passwd", "zone"), (nil, nil, "posixrules", "zone"), (nil, nil, "GMT+25", "zone"),
      // Thousands of years are rejected before any of them is counted.
      ("1970-01-01", "9999-12-31", nil, "from"), ("1970-01-01", nil, nil, "from"), (nil, "10000-01-01", nil, "to"),
      ("294248-01-01", nil, nil, "from"), ("1969-12-31", "1970-01-01", nil, "from"), ("２026-03-01", nil, nil, "from"),
    ] as [(String?, String?, String?, String)])
  func invalidDaysAreNamed(from: String?, to: String?, zone: String?, field: String) {
    let problem = #expect(throws: ReportDays.Problem.self) { try days(from, to, zone: zone) }
    #expect(problem?.field == field)
  }

  /// If midnight is skipped or occurs twice, the day before must not end, and the day after not begin, an hour late.
  @Test(
    arguments: [
      ("Africa/Cairo", "2026-04-24", 23), ("America/Santiago", "2026-09-06", 23), ("Asia/Beirut", "2026-03-29", 23),
      ("America/Havana", "2026-03-08", 23), ("America/Havana", "2026-11-01", 25), ("Africa/Cairo", "2026-10-29", 25),
      ("America/Santiago", "2026-04-04", 25), ("America/Asuncion", "2023-10-01", 23), ("Pacific/Apia", "2011-12-30", 0),
      ("America/St_Johns", "2010-11-07", 25), ("America/Sao_Paulo", "2018-11-04", 23),
    ])
  func daysWithMidnightClockChangesAreSeparate(zone: String, day: String, hours: Int) throws {
    let changed = try #require(CivilDay(day))
    let (before, after) = ((changed + -1).description, (changed + 1).description)
    let three = try days(before, after, zone: zone).period
    #expect(three.days.map(\.name) == [before, day, after])
    let lengths = zip(three.days.map(\.start), three.days.dropFirst().map(\.start) + [three.end]).map { $1 - $0 }
    #expect(lengths == [.seconds(86_400), .seconds(hours * 3600), .seconds(86_400)])
    // Individually they are the same days: each ends where the next one begins.
    let single = try [before, day, after].map { try days($0, $0, zone: zone).period }
    #expect(single.map(\.start) == three.days.map(\.start))
    #expect(single.map(\.end) == three.days.dropFirst().map(\.start) + [three.end])
    // The default week begins at its first day's midnight.
    for last in (1...7).map({ (changed + $0).description }) {
      let week = try days(nil, last, zone: zone)
      #expect(week.period.start == (try days(week.first, last, zone: zone)).period.start)
      #expect(week.period.start == (try days(week.first, week.first, zone: zone)).period.start)
      #expect(week.period.days.count == 7)
    }
  }

  @Test func calendarLimitsAreValidDays() throws {
    #expect(try days("1970-01-01", "1970-01-01", zone: "Asia/Shanghai").period.start == Instant(microseconds: 0))
    #expect(try days(nil, "1970-01-02").first == "1969-12-27")
    #expect(try days("9999-12-31", "9999-12-31", zone: "America/Los_Angeles").last == "9999-12-31")
    for now in [Instant.earliest, .latest] { _ = try? ReportDays(from: nil, to: nil, zone: "Europe/Berlin", now: now) }
  }

  @Test func periodsAreAtMostAYear() throws {
    #expect(try days("2025-03-02", "2026-03-02").first == "2025-03-02")
    #expect(throws: ReportDays.Problem.self) { try days("2025-03-01", "2026-03-02") }
  }
}

@Suite struct DeskReportTests {
  private func row(_ group: String?, tickets: Int64) -> ReportRow {
    ReportRow(
      group: group, tickets: tickets, messages: tickets * 2,
      firstAnswer: ReportWait(tickets: 3, medianSeconds: 12.3456, p90Seconds: 90.5),
      agent: ReportWait(tickets: 0, medianSeconds: nil, p90Seconds: nil),
      resolution: ReportWait(tickets: 1, medianSeconds: 7200, p90Seconds: 7200),
      firstResponsesKept: ReportShare(2, of: 3), firstUnanswered: 5, nextResponsesKept: ReportShare(0, of: 0),
      nextUnanswered: 6,
      resolutionsKept: ReportShare(1, of: 1), resolved: ReportShare(1, of: 4), reopened: ReportShare(0, of: 1),
      selfService: ReportShare(1, of: 4), repeatContacts: ReportShare(0, of: 4), callBacksKept: ReportShare(1, of: 2),
      ratings: 1, meanRating: 4)
  }

  private func report(_ groups: [String?]) throws -> DeskReport {
    let days = try ReportDays(
      from: "2026-03-01", to: "2026-03-02", zone: "Asia/Shanghai", now: Instant(microseconds: 1_772_472_600_000_000))
    return DeskReport(
      days: days,
      report: TicketReport(
        grouping: .category, period: days.period, rows: groups.map { row($0, tickets: 4) },
        total: row(nil, tickets: Int64(4 * groups.count))))
  }

  @Test func theTableSuitsSpreadsheets() throws {
    let lines = try report(["退款, \"急\"", nil, "=SUM(A1)"]).csv.components(separatedBy: "\r\n")
    #expect(lines.count == 5 && lines[4].isEmpty)
    let width = lines[0].split(separator: ",", omittingEmptySubsequences: false).count
    #expect(lines[0].unicodeScalars.first == "\u{FEFF}")
    #expect(lines[0].unicodeScalars.dropFirst().starts(with: "category,".unicodeScalars))
    #expect(
      lines[0].dropFirst().hasPrefix("category,tickets,messages,first_answer_p50_seconds,first_answer_p90_seconds,"))
    #expect(lines[0].contains(",first_responses_kept,first_responses_kept_of,first_responses_kept_share,"))
    #expect(lines[1].hasPrefix("\"退款, \"\"急\"\"\",4,8,12.346,90.500,,,7200.000,7200.000,2,3,0.6667,0,0,,"))
    #expect(lines[2].hasPrefix(",4,"))
    #expect(lines[2].split(separator: ",", omittingEmptySubsequences: false).count == width)
    #expect(lines[3].hasPrefix("'=SUM(A1),"))
  }

  /// A minimal RFC 4180 reader: bytes, and a quote only if a field begins with one.
  private static func rows(of table: String) -> [[[UInt8]]] {
    var rows: [[[UInt8]]] = []
    var row: [[UInt8]] = []
    var field: [UInt8] = []
    var isQuoted = false
    let bytes = Array(table.utf8)
    var place = 0
    while place < bytes.count {
      let byte = bytes[place]
      place += 1
      if isQuoted {
        if byte == UInt8(ascii: "\""), place < bytes.count, bytes[place] == UInt8(ascii: "\"") {
          field.append(byte)
          place += 1
        } else if byte == UInt8(ascii: "\"") {
          isQuoted = false
        } else {
          field.append(byte)
        }
        continue
      }
      switch byte {
      case UInt8(ascii: "\"") where field.isEmpty: isQuoted = true
      case UInt8(ascii: ","):
        row.append(field)
        field = []
      case UInt8(ascii: "\n"):
        if field.last == UInt8(ascii: "\r") { field.removeLast() }
        rows.append(row + [field])
        (row, field) = ([], [])
      default: field.append(byte)
      }
    }
    return rows
  }

  @Test func anyTextStaysInOneCell() {
    let pieces = [
      "a", ",", "\"", "\n", "\r", "\r\n", "\u{301}", "\u{FE0F}", "\u{200D}", ";", "\t", "好", " ", "\u{2028}",
    ]
    for first in pieces {
      for second in pieces {
        for third in pieces {
          let cells = [first + second + third, "next", third + second]
          var table = CSVTable(columns: ["one", "two", "three"])
          table.add(cells)
          let rows = Self.rows(of: table.text)
          #expect(rows.count == 2 && rows[1].count == 3, "\(cells)")
          for (cell, read) in zip(cells, rows.last ?? []) {
            let written = Array(cell.utf8)
            // Only a guard against formulas may be prefixed.
            #expect(read == written || read == [UInt8(ascii: "'")] + written, "\(cells)")
          }
        }
      }
    }
  }

  @Test(
    arguments: [
      "=1+1", "=\u{FE0F}1", "+1", "-1", "@SUM(A1)", "＝1", "＠a", " =1", "\t=1", "\r=1", "\n=1", "\u{200B}=1",
      "\u{FEFF}=1",
      "\u{2060}\u{A0}=1", "\u{AD}=1", "\"=1\"", "\"\u{301}=1", "=\u{301}1",
    ])
  func spreadsheetFormulasAreEscaped(_ cell: String) {
    var table = CSVTable(columns: ["one"])
    table.add([cell])
    let read = Self.rows(of: table.text).last?.first ?? []
    let begins = read.first == UInt8(ascii: "'")
    // Text that begins with a quote is not a formula once quoted; all others are.
    #expect(begins != (cell.unicodeScalars.first == "\""), "\(String(decoding: read, as: UTF8.self))")
  }

  @Test func combiningMarksDoNotBreakMarkupEscaping() throws {
    let picture = ReportPicture(
      try report(["<\u{301}script>", "&\u{FE0F}", "\"\u{301} x=\u{1}\u{FFFE}"]), in: .english)
    #expect(XMLParser(data: Data(picture.svg.utf8)).parse())
    #expect(!picture.svg.unicodeScalars.elementsEqual("".unicodeScalars) && !picture.svg.utf8.contains(1))
    #expect(picture.svg.contains("&lt;\u{301}script&gt;"))
  }

  @Test func theJSONNamesTheBaseOfEachShare() throws {
    let object = try #require(
      JSONSerialization.jsonObject(with: Data(report(["a", nil]).detail.json.utf8)) as? [String: Any])
    #expect(object["by"] as? String == "category" && object["zone"] as? String == "Asia/Shanghai")
    #expect(object["from"] as? String == "2026-03-01" && object["to"] as? String == "2026-03-02")
    let rows = try #require(object["rows"] as? [[String: Any]])
    #expect(rows[0]["group"] as? String == "a" && rows[1]["group"] is NSNull)
    let kept = try #require(rows[0]["first_responses_kept"] as? [String: Any])
    #expect(kept["tickets"] as? Int == 2 && kept["of"] as? Int == 3)
    #expect((rows[0]["next_responses_kept"] as? [String: Any])?["share"] is NSNull)
    #expect(rows[0]["first_responses_unanswered"] as? Int == 5 && rows[0]["next_responses_unanswered"] as? Int == 6)
    #expect(rows[0]["agent_p50_seconds"] is NSNull && rows[0]["rating_mean"] as? Double == 4)
    let schema = try #require(
      JSONSerialization.jsonObject(with: Data(DeskReport.rowSchema.json.json.utf8)) as? [String: Any])
    #expect(Set((schema["properties"] as? [String: Any] ?? [:]).keys) == Set(rows[0].keys))
  }

  @Test func theSVGIsWellFormedForAnyGroupName() throws {
    let names: [String?] = ["<b>&\"'", nil, "工单 一个很长很长很长很长很长很长很长很长很长的名字"] + (0..<70).map { "group \($0)" }
    for language in ReportLanguage.allCases {
      let picture = ReportPicture(try report(names), in: language)
      #expect(XMLParser(data: Data(picture.svg.utf8)).parse())
      #expect(picture.svg.contains("&lt;b&gt;&amp;&quot;"))
      #expect(picture.svg.contains(language == .chinese ? "另有 13 行" : "13 more are not drawn"))
      #expect(picture.svg.contains(language == .chinese ? "满意度" : ">rating<"))
      #expect(picture.svg.contains(language == .chinese ? "未获首次响应即结束" : "ended without"))
    }
  }

  @Test func headingsFitTheirColumns() {
    for language in ReportLanguage.allCases {
      for measure in ReportMeasure.all {
        let lines = ReportHeading.lines(of: measure.title(in: language), within: 108)
        #expect(lines.count <= 3 && lines.allSatisfy { ReportHeading.width(of: $0) <= 108 }, "\(lines)")
        #expect(lines.joined(separator: " ") == measure.title(in: language))
      }
    }
    #expect(ReportHeading.lines(of: "一二三四五六七八九十一", within: 108) == ["一二三四五六", "七八九十一"])
  }

  @Test func groupsAreNamedByTheirTitles() throws {
    let picture = ReportPicture(try report(["billing", "returns"]), in: .chinese) { $0 == "billing" ? "账单与发票" : nil }
    #expect(picture.svg.contains(">账单与发票<") && picture.svg.contains(">returns<"))
    #expect(!picture.svg.contains("billing"))
  }

  @Test func unitsAreInTheReadersLanguage() {
    for (seconds, chinese, english) in [
      (6.04, "6.0 秒", "6.0 s"), (60, "60 秒", "60 s"), (360, "6 分钟", "6 min"), (7200, "2.0 小时", "2.0 h"),
      (172_800, "2.0 天", "2.0 d"),
    ] {
      #expect(ReportMeasure.Kind.seconds.text(seconds, in: .chinese) == chinese)
      #expect(ReportMeasure.Kind.seconds.text(seconds, in: .english) == english)
    }
  }

  @Test func theTotalIsShownFirst() throws {
    let lines = try report(["退款", nil]).lines(in: .chinese)
    #expect(lines.titles.first == "类别")
    #expect(lines.rows.map { $0[0] } == ["合计", "退款", "（无）"])
    #expect(lines.rows.allSatisfy { $0.count == lines.titles.count })
    #expect(lines.rows[1].contains("66.7 %") && lines.rows[1].contains("2.0 小时") && lines.rows[1].contains("–"))
  }
}
