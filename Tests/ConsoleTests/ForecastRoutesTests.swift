import Curl
import HTTPService
import HTTPTypes
import PostgreSQL
import ServiceProcess
import Store
import Testing
import UseCases

@testable import Console
@testable import DeskCore

/// Forecasts over HTTP: their formats, what they say without history, and the responses to invalid requests.
@Suite struct ForecastRoutesTests {
  private typealias Asking = @Sendable (String) async throws -> (status: Int, type: String, body: String)

  private func asking(_ body: @escaping @Sendable (StaffedDesk, Asking) async throws -> Void) async throws {
    try await StaffedDesk.serving { desk, client, url in
      let key = try await desk.key(.lead, agent: "bob")
      try await body(desk) { path in
        let response = try await client.send(
          HTTPClient.Request(method: "GET", url: url + path, headers: ["authorization": "Bearer \(key)"]))
        return (
          response.status, response.headers["content-type"] ?? "", String(decoding: response.body, as: UTF8.self)
        )
      }
    }
  }

  /// Tickets that were queued and offered at ten on each of the last days, eight a day.
  private func fill(_ desk: StaffedDesk, days: Int) async throws {
    try await desk.store.pool.executeScript(
      """
      DO $$
      DECLARE day date;
      BEGIN
        FOR n IN 2..\(days) LOOP
          day := (now() AT TIME ZONE 'UTC')::date - n;
          EXECUTE format('CREATE TABLE desk.ticket_event_%s PARTITION OF desk.ticket_event FOR VALUES FROM (%L) TO (%L)',
            to_char(day, 'YYYYMMDD'), desk.uuid_floor(day::timestamp AT TIME ZONE 'UTC'),
            desk.uuid_floor((day + 1)::timestamp AT TIME ZONE 'UTC'));
        END LOOP;
      END $$;
      WITH made AS (
        SELECT date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' - n * interval '1 day' + interval '10 h' AS at,
               (left(desk.uuid_floor(date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' - n * interval '1 day'
                  + interval '10 h')::text, 34) || lpad(k::text, 2, '0'))::uuid AS id
          FROM generate_series(1, \(days)) n, generate_series(1, 8) k),
      closed AS (
        INSERT INTO desk.closed_ticket (id, state, channel, customer, queue, opened_at, closed_at, ticket)
        SELECT id, 'closed', 'web', 'c' || id, 'parcels', at, at + interval '1 h', '{}' FROM made)
      INSERT INTO desk.ticket_event (ticket_id, version, position, kind, actor, at, detail)
      SELECT id, v, 0, (ARRAY['queued', 'offered'])[v], 'service:router', at + v * interval '60 s', '{"queue":"parcels"}'
        FROM made, generate_series(1, 2) v;
      """)
  }

  @Test func aForecastHasItsPeriodsItsErrorAndAPicture() async throws {
    try await asking { desk, ask in
      try await fill(desk, days: 42)
      let forecast = try await ask("/v1/forecast?queue=parcels&days=2")
      #expect(forecast.status == 200 && forecast.type == "application/json")
      let json = try #require(JSONValue(json: forecast.body))
      let queue = try #require(json["queues"]?.items?.first)
      #expect(queue["queue"]?.text == "parcels" && queue["fallback"] == nil, "\(forecast.body.prefix(600))")
      let periods = try #require(queue["periods"]?.items)
      #expect(periods.count == 96)
      let busiest = try #require(
        periods.prefix(48).max { ($0["expected"]?.number ?? 0) < ($1["expected"]?.number ?? 0) })
      #expect(busiest["start"]?.text?.contains("T10:00:00") == true && busiest["came"] == nil)
      #expect((6...10).contains(busiest["expected"]?.number ?? 0))
      #expect((queue["held_out"]?["wape"]?.number ?? 9) < 0.5)

      let table = try await ask("/v1/forecast/table.csv?queue=parcels")
      #expect(table.status == 200 && table.type.hasPrefix("text/csv") && table.body.contains("queue,start,expected,"))
      for (language, text) in [("zh", "来量预测"), ("en", "Expected tickets")] {
        let picture = try await ask("/v1/forecast/picture.svg?language=\(language)")
        #expect(picture.status == 200 && picture.type.hasPrefix("image/svg+xml") && picture.body.contains(text))
      }

      // A past day is compared with what came.
      let yesterday = CivilDay(of: try await desk.store.now()) + -1
      let past = try await ask("/v1/forecast?queue=parcels&date=\(yesterday)")
      let came = JSONValue(json: past.body)?["queues"]?.items?.first?["periods"]?.items?.map {
        $0["came"]?.number ?? -1
      }
      #expect(came?.reduce(0, +) == 8, "\(past.body.prefix(300))")

      let waits = try await ask("/v1/forecast/waits")
      #expect(waits.status == 200 && waits.body.contains(#""queue":"parcels","waited":"#), "\(waits.body)")
      #expect(waits.body.contains(#""estimator":"head_of_line""#))
    }
  }

  @Test func withoutHistoryItSaysHowManyDaysAreMissing() async throws {
    try await asking { _, ask in
      let forecast = try await ask("/v1/forecast")
      let queues = try #require(JSONValue(json: forecast.body)?["queues"]?.items)
      #expect(queues.map { $0["queue"]?.text } == ["parcels", "praise"])
      for queue in queues {
        #expect(queue["fallback"] != nil && queue["days_needed"]?.number == 14 && queue["held_out"] == nil)
      }
      #expect(try await ask("/v1/forecast/picture.svg?language=zh").body.contains("历史不足"))
    }
  }

  @Test func invalidParametersAreAllNamed() async throws {
    try await asking { _, ask in
      for (query, field) in [
        ("date=monday", "date"), ("date=1999-01-01", "date"), ("days=8", "days"), ("days=x", "days"),
        ("queue=weather", "queue"), ("history_days=3", "history_days"), ("language=fr", "language"),
        ("zone=UTC", "zone"),
      ] {
        let answer = try await ask("/v1/forecast?\(query)")
        #expect(answer.status == 422 && answer.body.contains(#""field":"\#(field)""#), "\(query): \(answer.body)")
      }
      #expect(try await ask("/v1/forecast/waits?from=2026-01-01&to=2026-03-01").status == 422)
    }
  }
}

extension JSONValue {
  fileprivate var items: [JSONValue]? { if case .list(let items) = self { items } else { nil } }
}
