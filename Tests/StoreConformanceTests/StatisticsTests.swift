import PostgreSQL
import Testing

/// The server samples a table as much as the most demanding of its columns asks for, every few seconds where rows change all the time.
@Suite struct StatisticsTests {
  /// The tables that change with every message.
  private static let busy = [
    "inbox", "open_ticket", "ticket", "message", "message_key", "ticket_event", "question_member",
  ]

  @Test(arguments: busy)
  func busyTablesAreSampledSparingly(table: String) async throws {
    try await TestDesk.with { desk in
      // With the expressions of its indexes, which have statistics of their own.
      let demanding = try await desk.number(
        """
        SELECT count(*) FROM pg_attribute a
         WHERE NOT a.attisdropped AND a.attstattarget NOT BETWEEN 0 AND 10
           AND (a.attrelid = 'desk.\(table)'::regclass AND a.attnum > 0
                OR EXISTS (SELECT FROM pg_index i
                            WHERE i.indrelid = 'desk.\(table)'::regclass AND i.indexrelid = a.attrelid AND i.indkey[a.attnum - 1] = 0))
        """)
      #expect(demanding == 0)
      #expect(try await desk.number("SELECT count(*) FROM pg_attribute WHERE attrelid = 'desk.\(table)'::regclass") > 0)
    }
  }
}
