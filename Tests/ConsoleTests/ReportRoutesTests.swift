import Curl
import DeskCore
import HTTPService
import HTTPTypes
import Store
import Testing

@testable import Console

/// Reports over HTTP: their three formats, and the responses to invalid requests.
@Suite struct ReportRoutesTests {
  @Test func reportsAreServedAsJSONTableAndChart() async throws {
    try await StaffedDesk.serving { desk, client, url in
      let ticket = try await desk.queued()
      let lead = try await desk.key(.lead, agent: "bob")
      func ask(_ path: String) async throws -> (status: Int, type: String, body: String) {
        let response = try await client.send(
          HTTPClient.Request(method: "GET", url: url + path, headers: ["authorization": "Bearer \(lead)"]))
        return (
          response.status, response.headers["content-type"] ?? "",
          String(decoding: response.body, as: UTF8.self)
        )
      }
      let queue = try #require(ticket.queue).rawValue
      let report = try await ask("/v1/reports/queue")
      #expect(report.status == 200 && report.type == "application/json")
      #expect(report.body.contains(#"{"group":"\#(queue)","tickets":1,"messages":1,"#))
      let table = try await ask("/v1/reports/day/table.csv?zone=Asia/Shanghai")
      #expect(table.status == 200 && table.type.hasPrefix("text/csv"))
      #expect(table.body.hasPrefix("\u{FEFF}day,tickets,") && table.body.contains(",1,1,"))
      let picture = try await ask("/v1/reports/tier/picture.svg?language=zh&from=2026-01-01&to=2026-01-31")
      #expect(picture.status == 200 && picture.type.hasPrefix("image/svg+xml"))
      #expect(picture.body.contains("按客户等级 · 2026-01-01 至 2026-01-31"))

      #expect(try await ask("/v1/reports/weather").status == 404)
      let wrong = try await ask("/v1/reports/day?from=monday&zone=Atlantis&language=fr&form=2026-01-01")
      #expect(wrong.status == 422)
      for field in ["zone", "language", "form"] { #expect(wrong.body.contains(#""field":"\#(field)""#)) }
      #expect(try await ask("/v1/reports/day?to=2026-02-30").body.contains(#""value":"2026-02-30""#))
      #expect(try await ask("/v1/reports/day?to=2026-02-01&to=2026-02-02").status == 422)
    }
  }

  @Test func analysesAreServedAsJSONTableAndPicture() async throws {
    try await StaffedDesk.serving { desk, client, url in
      _ = try await desk.queued()
      let lead = try await desk.key(.lead, agent: "bob")
      func ask(_ path: String) async throws -> (status: Int, type: String, body: String) {
        let response = try await client.send(
          HTTPClient.Request(method: "GET", url: url + path, headers: ["authorization": "Bearer \(lead)"]))
        return (
          response.status, response.headers["content-type"] ?? "", String(decoding: response.body, as: UTF8.self)
        )
      }
      for name in ["handling", "occupancy", "transfers", "path", "change"] {
        let report = try await ask("/v1/analysis/\(name)")
        #expect(report.status == 200 && report.type == "application/json", "\(name): \(report.body)")
        #expect(report.body.hasPrefix(#"{"report":"\#(name)","from":""#))
        let table = try await ask("/v1/analysis/\(name)/table.csv?zone=Asia/Shanghai")
        #expect(table.status == 200 && table.type.hasPrefix("text/csv") && table.body.hasPrefix("\u{FEFF}"))
      }
      let path = try await ask("/v1/analysis/path")
      #expect(path.body.contains(#""tickets":1,"reached":{"channel":1,"#), "\(path.body)")
      let picture = try await ask("/v1/analysis/path/picture.svg?language=zh")
      #expect(picture.status == 200 && picture.type.hasPrefix("image/svg+xml") && picture.body.contains("经手客服"))
      #expect(try await ask("/v1/analysis/change?figure=handle_time").body.contains(#""figure":"handle_time""#))
      #expect(try await ask("/v1/analysis/handling?by=queue").body.contains(#""by":"queue""#))

      #expect(try await ask("/v1/analysis/handling?by=weather").body.contains(#""field":"by""#))
      #expect(try await ask("/v1/analysis/change?figure=mood").status == 422)
      #expect(try await ask("/v1/analysis/path?figure=volume").status == 422)
      let long = try await ask("/v1/analysis/occupancy?from=2026-01-01&to=2026-02-01")
      #expect(long.status == 422 && long.body.contains(#""field":"from""#))
    }
  }

  @Test func onlyOneReportRunsAtATime() async throws {
    let turn = ReportTurn()
    try await turn.take {
      let problem = await #expect(throws: HTTPProblem.self) { try await turn.take {} }
      #expect(problem?.status == .serviceUnavailable)
    }
    #expect(try await turn.take { 7 } == 7, "the turn is free again")
    struct Broken: Error {}
    await #expect(throws: Broken.self) { try await turn.take { throw Broken() } }
    #expect(try await turn.take { 8 } == 8)
  }
}
