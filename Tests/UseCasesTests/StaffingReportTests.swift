import DeskCore
import Foundation
import FoundationXML
import HTTPService
import Store
import Testing

@testable import UseCases

@Suite("Staffing reports")
struct StaffingReportTests {
  private let nine = Instant(seconds: 1_772_442_000)  // 2026-03-02T09:00:00Z

  private func report(shifts: Bool = true, patience: Double = 300, staff: Int = 10) throws -> StaffingReport {
    var periods: [ForecastPeriod] = []
    for (queue, expected) in [("orders", 60.0), ("<b>", 4.0)] {
      for half in 0..<4 {
        periods.append(
          ForecastPeriod(
            queue: QueueID(queue), start: nine + .seconds(half * 1800), length: .seconds(1800), expected: expected,
            interval: expected * 0.8...expected * 1.2))
      }
    }
    let plan = try StaffingPlan(
      periods,
      StaffingAssumptions(
        target: ServiceTarget(share: 0.9, withinSeconds: 60),
        work: .init(handlingSeconds: 300, patienceSeconds: patience)))
    let template = try ShiftTemplate(
      name: "early", starts: [540], minutes: 120, breaks: [.init(window: 30...60, minutes: 15)])
    let filled = try ShiftPlanner.fill(plan, by: .erlangA, templates: [template], in: .utc, staff: staff)
    return StaffingReport(plan, in: .utc, shifts: shifts ? filled : nil)
  }

  @Test func theRulesAreBesideEachOther() throws {
    let report = try report()
    let table = report.rules(in: .english)
    #expect(table.rows.count == 4 && table.rows.allSatisfy { $0.count == table.titles.count })
    #expect(table.rows[3][0] == "flat 20 %" && table.rows[3][3] == "13")
    let periods = report.periods(in: .chinese)
    #expect(periods.rows.count == 8 && periods.titles.count == 9)
    #expect(periods.rows[0][0] == "09:00" && periods.rows[1][0] == "", "the time is written once")
    #expect(periods.rows[0][8] == "1 + 1")
    #expect(report.title(in: .english) == "Agents for 2026-03-02 (UTC): 90 % answered within 60 s")
    #expect(report.title(in: .chinese) == "人力计划 · 2026-03-02（UTC）· 60 秒内响应 90 %")
  }

  @Test func shiftsThatAreAlikeAreOneRowAndShortfallsAreSaid() throws {
    let report = try report()
    let table = try #require(report.shiftTable(in: .english))
    var agents = 0
    for row in table.rows { agents += Int(row[3]) ?? 0 }
    #expect(agents == 10)
    let notes = report.shiftNotes(in: .english)
    #expect(notes.count == 1 + (report.shifts?.shortfalls.count ?? 0) && notes.count > 1)
    #expect(notes[0].hasPrefix("10 shifts, 20.0 paid hours"))
    #expect(try self.report(shifts: false).shiftTable(in: .english) == nil)
  }

  @Test func theDocumentMatchesItsSchemaAlsoWithoutBoundsOnWaits() throws {
    for report in [try report(), try report(shifts: false, patience: .infinity)] {
      let value = try JSONDecoder().decode(Detail.self, from: Data(report.detail.json.utf8))
      #expect(value.rules.count == 4 && value.periods.count == 8 && value.periods.allSatisfy { $0.staff.count == 4 })
      #expect(value.workers.count == 4)
    }
    #expect(try report(shifts: false).detail.json.contains("\"shifts\":null"))
    #expect(try report(patience: .infinity).detail.json.contains("\"patience_seconds\":null"))
  }

  private struct Detail: Decodable {
    struct Staffed: Decodable { let staff: [Rule] }
    struct Rule: Decodable { let rule: String }
    struct Workers: Decodable { let total: Int }
    let rules: [Rule]
    let periods: [Staffed]
    let workers: [Workers]
  }

  @Test func theTableForSpreadsheetsHasARowForEachPeriod() throws {
    let lines = try report().csv.split(separator: "\r\n")
    #expect(lines.count == 9)
    #expect(lines.allSatisfy { $0.split(separator: ",", omittingEmptySubsequences: false).count == 18 })
  }

  @Test func picturesAreWellFormedInBothLanguages() throws {
    for report in [
      try report(), try report(shifts: false),
      StaffingReport(try StaffingPlan([], report().plan.assumptions), in: .utc),
    ] {
      for language in ReportLanguage.allCases {
        let parser = XMLParser(data: Data(report.picture(in: language).utf8))
        #expect(parser.parse(), "\(String(describing: parser.parserError))")
      }
    }
    #expect(try report().picture(in: .chinese).contains("所需客服"))
    #expect(try report(staff: 40).picture(in: .english).contains("&lt;b&gt;"))
  }
}

@Suite("Measured work and patience")
struct StaffingMeasuresTests {
  private let start = Instant(seconds: 1_772_442_000)

  private func wait(_ queue: QueueID, _ seconds: Int, _ end: WaitSpell.End) -> WaitSpell {
    WaitSpell(
      ticket: TicketID(high: 0, low: UInt64(seconds)), queue: queue, joined: start, left: start + .seconds(seconds),
      end: end)
  }

  private func hands(_ queue: QueueID, _ hands: Int64, _ seconds: Double) -> HandTimeSums {
    HandTimeSums(queue: queue, category: nil, hands: hands, seconds: seconds, squares: 0, weight: 1)
  }

  @Test func aQueueWithEnoughCasesCountsForItself() throws {
    let waits =
      (0..<60).map { wait("orders", 100, $0 % 2 == 0 ? .settled : .offered) }
      + [wait("returns", 40, .settled), wait("returns", 960, .other)]
    let measures = StaffingMeasures(
      hands: [hands("orders", 40, 4_000), hands("orders", 60, 26_000), hands("returns", 5, 500)], waits: waits)
    #expect(measures.patience?.abandoned == 31 && measures.patience?.waits == 62)
    let work = try #require(try measures.work())
    // 30,000 s in 100 hands of orders; with returns, 30,500 in 105.
    #expect(work.ofQueue["orders"]?.handlingSeconds == 300 && work.ofQueue["orders"]?.patienceSeconds == 200)
    #expect(work.ofQueue["returns"]?.handlingSeconds == work.all.handlingSeconds)
    #expect(work.ofQueue["returns"]?.patienceSeconds == work.all.patienceSeconds)
    #expect(work.all.patienceSeconds == 7_000.0 / 31)
  }

  @Test func whatIsStatedCountsMoreThanWhatWasMeasured() throws {
    let measures = StaffingMeasures(hands: [hands("orders", 100, 1_000)], waits: [])
    let work = try #require(try measures.work(handlingSeconds: 60, patienceSeconds: 90))
    #expect(work.ofQueue["orders"] == work.all && work.all.handlingSeconds == 60 && work.all.patienceSeconds == 90)
    #expect(try measures.work()?.all.patienceSeconds == .infinity, "nobody gave up")
    let nothing = try StaffingMeasures.none.work()
    #expect(nothing == nil)
    #expect(throws: StaffingError.self) { try measures.work(handlingSeconds: -1) }
  }
}
