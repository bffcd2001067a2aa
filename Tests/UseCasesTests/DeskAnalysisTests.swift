import DeskCore
import Foundation
import FoundationXML
import HTTPService
import Testing

@testable import Store
@testable import UseCases

/// Reports on how the desk works, in their formats.
@Suite struct DeskAnalysisTests {
  /// 2026-03-02 at 17:30 UTC.
  private let now = Instant(microseconds: 1_772_472_600_000_000)

  private func order(_ topic: ReportTopic, _ from: String? = nil, _ to: String? = nil) throws -> ReportOrder {
    try ReportOrder(ReportRequest(topic), from: from, to: to, zone: nil, now: now)
  }

  @Test func aChangeIsComparedWithTheSameWeekdays() throws {
    let usual = try order(.change)
    #expect(usual.days.first == "2026-02-23" && usual.days.last == "2026-03-01", "up to yesterday")
    #expect(usual.previous?.first == "2026-02-16" && usual.previous?.last == "2026-02-22")
    let day = try order(.change, "2026-03-01", "2026-03-01")
    #expect(day.previous?.first == "2026-02-22" && day.previous?.last == "2026-02-22")
    let ten = try order(.change, "2026-02-20", "2026-03-01")
    #expect(ten.previous?.first == "2026-02-06" && ten.previous?.last == "2026-02-15")
    #expect(try order(.path).previous == nil)
    #expect(throws: ReportDays.Problem.self) { try order(.occupancy, "2026-01-01", "2026-02-01") }
  }

  @Test func thePartsOfEachDimensionAddUpToTheChange() throws {
    // 25 queues, of which 20 are shown; one channel.
    func parts(_ count: (Int) -> Int64) -> [ReportStore.FigurePart] {
      let queues = (0..<25).map { number in
        ReportStore.FigurePart(
          dimension: .queue, key: "q\(number)", tally: FigureTally(count: count(number), sum: 0, squares: 0))
      }
      let all = queues.reduce(0) { $0 + $1.tally.count }
      return queues + [
        ReportStore.FigurePart(dimension: .channel, key: "=web", tally: FigureTally(count: all, sum: 0, squares: 0))
      ]
    }
    let report = ChangeReport(.volume, before: parts { _ in 40 }, after: parts { Int64($0) })
    let analysis = DeskAnalysis(try order(.change), .change(report))
    let object = try #require(
      JSONSerialization.jsonObject(with: Data(analysis.detail.json.utf8)) as? [String: Any])
    let change = try #require(object["change"] as? Double)
    #expect(change == -700 && object["noise"] as? Bool == false)
    let rows = try #require(object["parts"] as? [[String: Any]])
    for dimension in ["queue", "channel"] {
      let sum = rows.filter { $0["dimension"] as? String == dimension }.reduce(0) {
        $0 + ($1["contribution"] as? Double ?? 0)
      }
      #expect(sum == change, "\(dimension)")
    }
    #expect(rows.count == 22 && rows.count { $0["rest"] as? Bool == true } == 1)
    // Numbers may be negative; names from outside are guarded.
    #expect(analysis.csv.contains(",-700.0000,") && analysis.csv.contains("channel,'=web,"))
    #expect(
      analysis.title(in: .chinese).contains("变化分析") && analysis.title(in: .english).contains("against 2026-02-16"))
  }

  private static let path = PathReport(
    tickets: 10,
    nodes: [
      PathNode(step: .channel, value: .init("web"), tickets: 10, medianSeconds: nil),
      PathNode(step: .label, value: .init("<b>&退款"), tickets: 8, medianSeconds: 1),
      PathNode(step: .label, value: .init(nil), tickets: 2, medianSeconds: nil),
      PathNode(step: .queue, value: .init(nil, isRest: true), tickets: 8, medianSeconds: 9),
      PathNode(step: .queue, value: .init(nil), tickets: 2, medianSeconds: nil),
      PathNode(step: .hands, value: .init("0"), tickets: 10, medianSeconds: nil),
      PathNode(step: .end, value: .init("open"), tickets: 10, medianSeconds: nil),
    ],
    links: [
      PathLink(step: .channel, from: .init("web"), to: .init("<b>&退款"), tickets: 8),
      PathLink(step: .channel, from: .init("web"), to: .init(nil), tickets: 2),
      PathLink(step: .label, from: .init("<b>&退款"), to: .init(nil, isRest: true), tickets: 8),
      PathLink(step: .label, from: .init(nil), to: .init(nil), tickets: 2),
      PathLink(step: .queue, from: .init(nil, isRest: true), to: .init("0"), tickets: 8),
      PathLink(step: .queue, from: .init(nil), to: .init("0"), tickets: 2),
      PathLink(step: .hands, from: .init("0"), to: .init("open"), tickets: 10),
    ],
    losses: [
      PathLoss(step: .label, end: .open, tickets: 2), PathLoss(step: .hands, end: .open, tickets: 8),
    ])

  @Test(arguments: ReportLanguage.allCases)
  func thePathIsDrawn(in language: ReportLanguage) throws {
    let analysis = DeskAnalysis(try order(.path), .path(Self.path))
    let picture = try #require(analysis.picture(in: language))
    #expect(XMLParser(data: Data(picture.utf8)).parse())
    #expect(picture.contains("&lt;b&gt;&amp;退款"))
    #expect(picture.contains(language == .chinese ? "到达 8，流失 2" : "8 reached, 2 lost"))
    #expect(picture.components(separatedBy: "<path ").count - 1 == Self.path.links.count)
    let empty = DeskAnalysis(
      try order(.path), .path(PathReport(tickets: 0, nodes: [], links: [], losses: [])))
    #expect(XMLParser(data: Data(try #require(empty.picture(in: language)).utf8)).parse())
    let lines = analysis.lines(in: language)
    #expect(lines.rows.allSatisfy { $0.count == lines.titles.count })
  }

  @Test func inspectionsHaveTheirPlace() throws {
    var row = HandlingRow(
      group: "ada", tickets: 1, hands: 1, ended: 1, meanSeconds: 60, medianSeconds: 60, p90Seconds: 60,
      pendingMeanSeconds: 0, transferred: 0, lost: 0)
    let without = DeskAnalysis(try order(.handling), .handling(rows: [row], total: row))
    #expect(without.detail.json.contains(#""interceptions":null"#))
    row.inspection = InspectionFigures(interceptions: 2, inspections: 3, meanScore: 4.5)
    let with = DeskAnalysis(try order(.handling), .handling(rows: [row], total: row))
    #expect(with.detail.json.contains(#""interceptions":2,"inspections":3,"inspection_score_mean":4.5"#))
  }
}
