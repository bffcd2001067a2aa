import ArgumentParser
import DeskCore
import Foundation
import Language
import Observability
import TestKit
import Testing
import UseCases

@testable import CommandLineTool
@testable import Frontdesk
@testable import Notifier

/// Other input from outside: tables, command lines, single values.
@Suite("Parsers of tables, arguments and values")
struct ParserFuzzTests {
  private static let tokens =
    [
      "\"", "\\", ",", "\n", "\r\n", "\u{FEFF}", "-", "--", "=", ":", "99999999999999999999", "-1", "1e999", ".inf",
      "nan",
      "294248-01-01T00:00:00Z", "2026-02-30", "2026-02-30T00:00:00Z", "é", "e\u{301}", ",\u{301}", "\u{202E}",
      "\u{200B}",
      "null", "true", "{}", "[]", "Asia/Kolkata", "Africa/Cairo", "GMT+99", "../x", "\0", "%00", "1d", "5000h", "24:00",
    ].map { Array($0.utf8) } + [[0xFF], [0xED, 0xA0, 0x80], [0xC0, 0x80]]

  private static func mutator(_ number: UInt64, _ corpus: [String]) -> Mutator {
    Mutator(seed: FuzzSettings.seed &+ number, corpus: corpus.map { Array($0.utf8) }, words: tokens)
  }

  @Test("tables of labelled examples are read, or the mistake has a line and column")
  func tablesAreReadOrReported() {
    let corpus = ["text,label\n\"my, parcel\",orders\n包裹,orders\n", "label,text,urgency\r\na,\"b\"\"c\",2\r\n"]
    FuzzRun.run(Self.mutator(21, corpus)) { input, number in
      do throws(LanguageError) {
        _ = try LabelledCSV.parse(input)
      } catch {
        FuzzRun.demand(error.line != nil, "a mistake without a line", input: number)
      }
    }
  }

  @Test("a command line is parsed, or refused")
  func commandLinesAreParsedOrRefused() {
    let corpus = [
      "send --samples 10 --rate 5 --via http", "report queue --from 2026-03-02 --zone Asia/Shanghai --csv",
      "scale router 4",
      "keys create --channel web --days 30 --read-only", "keys rotate abc --grace 24h", "ledger --wait 120s --json",
      "chaos --seed 5 --faults 40 --only kill", "bench --quick --rates 100,1000 --soak 1h --live-tickets 10,20",
      "apply deploy/desk.yaml --check", "status --wait --timeout 60s", "explain 00000000-0000-7000-8000-000000000000",
      "evaluate a.csv --folds 5 --json", "erase --channel web --customer ann", "audit verify --expect abc",
    ]
    var understood = 0
    FuzzRun.run(Self.mutator(22, corpus), share: 4) { input, number in
      let arguments = String(decoding: input.prefix(2000), as: UTF8.self).split(separator: " ").map(String.init)
      do {
        _ = try FrontdeskCommand.parseAsRoot(arguments)
        understood += 1
      } catch {
        FuzzRun.demand(!FrontdeskCommand.fullMessage(for: error).isEmpty, "a refusal without a text", input: number)
      }
    }
    #expect(understood > 0)
  }

  @Test("timestamps, days, waits and traces are parsed or refused, without trapping")
  func valuesAreParsedOrRefused() {
    let corpus = [
      "2026-11-22T16:30:00.5+08:00", "9999-12-31T23:59:60Z", "2026-03-02", "Asia/Shanghai", "120",
      "Sun, 09 Sep 2001 01:46:40 GMT", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "15m", "127.0.0.1:80",
    ]
    let now = Instant(seconds: 1_795_336_200)
    FuzzRun.run(Self.mutator(24, corpus)) { input, number in
      let text = String(decoding: input.prefix(100), as: UTF8.self)
      if let instant = RFC3339.instant(text) {
        FuzzRun.demand(RFC3339.instant(RFC3339.text(instant)) == instant, "a timestamp reads back", input: number)
      }
      _ = try? ReportDays(from: text, to: nil, zone: nil, now: now)
      _ = try? ReportDays(from: nil, to: text, zone: "Africa/Cairo", now: now)
      _ = try? ReportDays(from: nil, to: nil, zone: text, now: now)
      if let wait = DeliveryOutcome.retryAfter(text, now: now) {
        FuzzRun.demand((.zero ... .seconds(86_400)).contains(wait), "a wait beyond a day", input: number)
      }
      _ = TraceContext(traceparent: text)
      _ = try? DurationArgument.read(text)
      _ = TicketID(text)
    }
  }
}
