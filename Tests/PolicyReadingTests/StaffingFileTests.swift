import DeskCore
import Testing

@testable import PolicyReading

@Suite("Staffing files")
struct StaffingFileTests {
  private func csv(_ text: String) throws -> [ForecastPeriod] { try StaffingFile(csv: Array(text.utf8)).forecast }

  private func mistakes(csv text: String) -> [String] {
    do {
      _ = try StaffingFile(csv: Array(text.utf8))
      return []
    } catch {
      return error.mistakes.map { "\($0.line):\($0.column) \($0.problem); \($0.remedy)" }
    }
  }

  private func mistakes(yaml text: String) -> [String] {
    do {
      _ = try StaffingFile(yaml: Array(text.utf8))
      return []
    } catch {
      return error.mistakes.map { "\($0.line):\($0.column) \($0.path): \($0.problem)" }
    }
  }

  @Test func aTableIsReadInAnyOrderOfColumnsAndWithTheNamesOfTheDesksOwnForecast() throws {
    let periods = try csv(
      "\u{FEFF}queue,start,expected,low,high,came\r\norders,2026-11-11T09:00:00+08:00,120.5,100,150,\r\n")
    #expect(
      periods == [
        ForecastPeriod(
          queue: "orders", start: Instant(seconds: 1_794_358_800), length: .seconds(1800), expected: 120.5,
          interval: 100...150)
      ])
    #expect(try csv("expected,start,queue\n12,2026-11-11T01:00:00Z,orders\n\n").first?.interval == 12...12)
    #expect(try csv("queue,start,expected,upper\n\"orders\", 2026-11-11T01:00:00Z,3,\n").first?.interval == 3...3)
  }

  @Test func everyMistakeOfATableHasItsLineAndColumn() {
    #expect(mistakes(csv: "").first?.hasPrefix("1:1 the file is empty") == true)
    #expect(mistakes(csv: "queue,begin,expected\n").first?.hasPrefix("1:7 unknown column 'begin'") == true)
    #expect(mistakes(csv: "queue,strt,expected\n") == ["1:7 unknown column 'strt'; did you mean 'start'?"])
    #expect(mistakes(csv: "queue,queue,expected\n").first?.hasPrefix("1:7 the column 'queue' is there twice") == true)
    #expect(mistakes(csv: "queue,start\n").first?.contains("'expected' is missing") == true)
    let found = mistakes(
      csv: """
        queue,start,expected,lower,upper
        orders,2026-11-11T09:00,nan,1,2
        Bad Name,2026-11-11T01:00:00Z,-1,0x10,1e99
        orders,2026-11-11T01:00:00Z,5,6,7
        orders,2026-11-11T01:00:00Z,5
        """)
    let places = found.map { String($0.prefix { $0 != " " }) }
    #expect(places == ["2:8", "2:25", "3:1", "3:31", "3:34", "3:39", "4:29", "5:1"])
    #expect(mistakes(csv: "queue,start,expected\n\"orders,2026-11-11T01:00:00Z,1\n").count == 1)
    do {
      _ = try StaffingFile(csv: [0xFF])
      Issue.record("it was accepted")
    } catch {
      #expect(error.mistakes.first?.problem == "the file is not UTF-8")
    }
  }

  @Test func aDocumentHoldsForecastAndShifts() throws {
    let file = try StaffingFile(
      yaml: Array(
        """
        forecast:
          - {queue: orders, start: 2026-11-11T09:00:00+08:00, expected: 12, lower: 10, upper: 15}
        shifts:
          late: {starts: "14:00", length: 6h}
          early: {starts: [06:00, 07:30], length: 8h, breaks: [{from: 2h, to: 4h, length: 30m}, {from: 6h, length: 15m}]}
        """.utf8))
    #expect(file.forecast.first?.interval == 10...15 && file.shifts.map(\.name) == ["early", "late"])
    #expect(file.shifts[0].starts == [360, 450] && file.shifts[0].minutes == 480)
    #expect(
      file.shifts[0].breaks == [.init(window: 120...240, minutes: 30), .init(window: 360...360, minutes: 15)])
  }

  @Test func everyMistakeOfADocumentHasItsLineAndColumn() {
    #expect(mistakes(yaml: "").count == 1)
    #expect(
      mistakes(yaml: "shift: {}\n") == [
        "1:1 : there is neither a forecast nor a shift", "1:1 shift: unknown key 'shift'",
      ])
    let found = mistakes(
      yaml: """
        forecast:
          - {queue: orders, start: today, expected: .inf}
          - {queue: orders, start: 2026-11-11T01:00:00Z, expected: 5, lower: 6}
        shifts:
          a: {starts: [25:00], length: 8h}
          b: {starts: [06:07], length: 8h}
          c: {starts: [06:00], length: 8h, breaks: [{from: 7h, to: 8h, length: 30m}]}
          d: {starts: [06:00], length: 8h, breaks: [{from: 4h, to: 2h, length: 30m}]}
          e: {length: 8h}
        """)
    #expect(
      found.map { String($0.prefix { $0 != ":" }) } == ["2", "2", "3", "5", "6", "7", "8", "9"], "\(found)")
  }
}
