import DeskCore
import HTTPService
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Observability
import PolicyReading
import ServiceSettings
import Store
import TestKit
import Testing
import UntrustedInput
import UseCases

@testable import Console
@testable import Intake
@testable import Notifier

/// Other input from outside: bodies of the console and of ratings, targets, headers, days, zones, files of examples.
@Suite("Interfaces open to anyone")
struct DoorFuzzTests {
  private static let now = Instant(seconds: 1_795_336_200)

  private static let bodies = [
    #"{"presence":"away","reason":"lunch","until":"2026-11-22T16:30:00.5+08:00"}"#,
    #"{"text":"你好 \ud83d\ude00","awaits_customer":true,"attachments":[{"url":"https://a.example:8443/b?c#d","media_type":"text/plain; charset=\"utf-8\"","name":"a.pdf"}]}"#,
    #"{"category":"returns","intent":null,"message_id":"01890a5d-ac96-774b-bcce-b302099a8057","reason":"r"}"#,
    #"{"tier":"vip","dedicated_agent":"ann","queue":"parcels","priority":"urgent","outcome":"called"}"#,
    #"{"solved":true,"rating":5,"comment":"fine","rating":1e0}"#,
  ].map { Array($0.utf8) }

  private static let tokens =
    [
      "{", "}", "[", "]", "\"", "\\u0000", "\\ud800", ":", ",", "null", "true", "1e999", "-0", "9223372036854775808",
      "294248-01-01T00:00:00Z", "2026-02-30T00:00:00Z", "9999-12-31T23:59:60Z", "T24:00:00Z", "https://u:p@", "[::1]",
      "\\r\\n",
      #""until":"#, #""url":"#, #""rating":"#, "\u{200B}", "é",
    ].map { Array($0.utf8) } + [[0xC0, 0x80], [0xED, 0xA0, 0x80], [0xFF]]

  @Test("a body is read within its limits, or refused with a remedy")
  func bodiesAreReadOrRefused() {
    let mutator = Mutator(seed: FuzzRun.seed &+ 10, corpus: DoorFuzzTests.bodies, words: DoorFuzzTests.tokens)
    FuzzRun.run(mutator) { input, number in
      do throws(HTTPProblem) {
        var body = try JSONBody(bytes: input)
        _ = (body.presence("presence"), body.tier("tier"), body.priority("priority"))
        let pause = body.pause(now: DoorFuzzTests.now)
        let text = body.words("text", longest: InputBounds.textCharacters)
        let files = body.attachments("attachments", most: ConsoleBounds.attachments)
        let agent: AgentID? = body.key("dedicated_agent")
        let queue: QueueID? = body.key("queue")
        let message: MessageID? = body.identifier("message_id")
        _ = (body.name("category"), body.nameIfAny("intent"), body.reason(), body.flagIfAny("awaits_customer"), message)
        _ = (body.integerIfAny("rating", in: 1...5), body.wordsIfAny("comment", longest: 9), body.flag("solved"))
        try body.finish()
        FuzzRun.demand(
          !text.isBlank && !text.utf8.contains(0) && files.count <= ConsoleBounds.attachments
            && agent?.isWellFormed != false && queue?.isWellFormed != false
            && pause?.until.map { $0 > DoorFuzzTests.now && $0 <= DoorFuzzTests.now + ConsoleBounds.longestBreak }
              != false,
          "something that no rule allows", input: number)
      } catch {
        let isClientError = error.status == .badRequest || error.status == .unprocessableContent
        FuzzRun.demand(
          isClientError && !error.errors.isEmpty && error.errors.allSatisfy { $0.remedy?.isEmpty == false },
          "a refusal without a remedy", input: number)
      }
      if let body = try? JSONBody(bytes: input) { _ = try? FeedbackRoute.Form(body) }
    }
  }

  @Test("targets, headers, dates and zones are read, or refused")
  func targetsAndHeadersAreReadOrRefused() throws {
    let corpus = [
      "/v1/customers/web/Cara%20M%C3%BCller?done=true",
      "/v1/reports/day?from=2026-01-01&to=2026-03-01&zone=Asia/Shanghai",
      "Bearer abcdefghijklmnopqrstuvwxyz", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
      "2026-11-22T08:30:00.125Z",
      "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "86400",
      "2026-03-02",
      "Europe/Berlin", "https://files.example.com:8443/1.png?a=b#c", "application/ld+json; profile=\"a\"", "90m",
      "64KiB",
      "application/json; charset=utf-8",
    ].map { Array($0.utf8) }
    let tokens =
      [
        "%00", "%ff", "%", "&", "=", "?", "/", "..", "GMT+25", "9999999999999999999", "-", ":", "@", "[", "\"", "\\",
        "\r\n", "é",
      ]
      .map { Array($0.utf8) }
    let mutator = Mutator(seed: FuzzRun.seed &+ 11, corpus: corpus, words: tokens)
    FuzzRun.run(mutator) { input, number in
      let text = String(decoding: input, as: UTF8.self)
      let uri = URI(text)
      let query = RequestQuery(uri, known: ["from", "to", "zone", "done"])
      FuzzRun.demand(
        ["from", "to", "zone", "done"].allSatisfy { query[$0]?.utf8.contains(0) != true }
          && query.errors.allSatisfy { $0.remedy != nil }, "a query", input: number)
      for part in uri.path.split(separator: "/") { _ = try? RequestPath.value("id", in: ["id": part[...]]) }
      do throws(ReportDays.Problem) {
        let days = try ReportDays(
          from: query["from"] ?? text, to: query["to"], zone: query["zone"] ?? (number % 8 == 0 ? text : nil),
          now: DoorFuzzTests.now)
        FuzzRun.demand((1...ReportDays.most).contains(days.period.days.count), "too many days", input: number)
      } catch {
        FuzzRun.demand(!error.detail.isEmpty && !error.remedy.isEmpty, "no remedy", input: number)
      }
      for moment in [DoorFuzzTests.now, .earliest, .latest] {
        _ = try? ReportDays(from: nil, to: nil, zone: number % 16 == 0 ? text : nil, now: moment)
        if let asked = DeliveryOutcome.retryAfter(text, now: moment) {
          FuzzRun.demand(asked >= .zero && asked <= .seconds(86_400), "a back-off beyond its limits", input: number)
        }
      }
      if let instant = RFC3339.instant(text) {
        FuzzRun.demand(RFC3339.instant(RFC3339.text(instant)) == instant, "a timestamp", input: number)
      }
      _ = (InputRules.bearerKey(authorization: text), TraceContext(traceparent: text), ListenAddress(text))
      _ = (try? InputRules.webAddress(text), try? InputRules.mediaType(text), try? InputRules.requestKey(text))
      _ = (
        try? InputRules.customer(text), try? InputRules.attachmentName(text),
        try? RequestKey(IdempotencyKey(text), scope: [])
      )
      var fields = HTTPFields()
      fields[.contentType] = text
      _ = try? BodyType(fields, taking: [.json])
    }
  }

  @Test("a file of examples is read, or its mistakes are reported with their places")
  func exampleFilesAreReadOrReported() throws {
    let policy = try PolicyDocument(
      bytes: Array(
        """
        version: 1
        queues:
          general: {}
        rules:
          - { name: rest, queue: general }
        default_queue: general
        triage: { queue: general, below: 0.35 }
        channels:
          web: {}
        agents:
          - { id: ann, capacity: 4 }

        """.utf8), version: 1, environment: [:]
    ).policy
    let good = Array(
      """
      examples:
        - name: one
          message: { channel: web, category: c, confidence: 0.5, at: 2026-10-01T10:00:00+08:00, text: hello, full: [general] }
          expect: { queue: general, priority: normal, rule: rest, triage: false }

      """.utf8)
    #expect(throws: Never.self) { try RuleExamples(bytes: good, for: policy) }
    let tokens =
      [
        "300000-01-01T00:00:00Z", "-290308-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "1e999", ".inf", ".nan", "&a ",
        "*a", "{", "[",
        "- ", ": ", "null", "!!int ", "at: ", "99999999999999999999",
      ].map { Array($0.utf8) } + [[0xFF], [0]]
    FuzzRun.run(Mutator(seed: FuzzRun.seed &+ 12, corpus: [good], words: tokens), share: 4) { input, number in
      do throws(PolicyMistakes) {
        for example in try RuleExamples(bytes: input, for: policy).examples { _ = example.difference(under: policy) }
      } catch {
        FuzzRun.demand(!error.text(file: "examples.yaml").isEmpty, "a mistake without a text", input: number)
      }
    }
  }
}
