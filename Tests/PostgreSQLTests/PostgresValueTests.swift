import PostgreSQL
import TestPostgres
import Testing

/// Round trips of every type through a real server.
@Suite struct PostgresValueTests {
  enum Mood: String, PostgresCodable, Sendable {
    case calm, angry
  }

  /// Sends each value as a parameter, has the server turn it into text and reads it back.
  private func check<Value: PostgresCodable & Equatable & SendableMetatype>(
    _ values: [Value], type: String, text: [String?], sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    #expect(values.count == text.count, "each value has a text", sourceLocation: sourceLocation)
    try await withConnection { connection in
      let statement = PostgresStatement("value", "SELECT $1::\(type), ($1::\(type))::text") { row in
        (value: try row.next(Value.self), text: try row.next(String?.self))
      }
      for (value, text) in zip(values, text) {
        let row = try #require(try await connection.queryFirst(statement, [value]))
        #expect(row.value == value, sourceLocation: sourceLocation)
        #expect(row.text == text, sourceLocation: sourceLocation)
      }
    }
  }

  @Test func integersKeepTheirLimits() async throws {
    try await check([Int16.min, -1, .max], type: "int2", text: ["-32768", "-1", "32767"])
    try await check([Int32.min, 0, .max], type: "int4", text: ["-2147483648", "0", "2147483647"])
    try await check([Int64.min, .max], type: "int8", text: ["-9223372036854775808", "9223372036854775807"])
    try await check([Int.min, 7], type: "int8", text: ["-9223372036854775808", "7"])
    try await check([UInt8.min, .max], type: "int2", text: ["0", "255"])
  }

  @Test func floatsAndBooleansRoundTripExactly() async throws {
    try await check([0.1, -Double.infinity, 1e300], type: "float8", text: ["0.1", "-Infinity", "1e+300"])
    try await check([Float(0.5), .infinity], type: "float4", text: ["0.5", "Infinity"])
    try await check([true, false], type: "bool", text: ["true", "false"])
  }

  @Test func textAndBytesKeepEveryCharacter() async throws {
    let long = String(repeating: "客服😀e\u{301}", count: 100_000)
    try await check(["", "it's \"so\"\\", "退款", long], type: "text", text: ["", "it's \"so\"\\", "退款", long])
    let large = [UInt8](repeating: 0xAB, count: 5_000_000)
    try await check([[], [0, 255, 10]] as [[UInt8]], type: "bytea", text: ["\\x", "\\x00ff0a"])
    try await check([large], type: "bytea", text: ["\\x" + String(repeating: "ab", count: 5_000_000)])
    try await check(
      [[[1], [], [2, 3]]] as [[[UInt8]]], type: "bytea[]", text: ["{\"\\\\x01\",\"\\\\x\",\"\\\\x0203\"}"])
  }

  @Test func identifiersInstantsAndDocumentsMatchPostgres() async throws {
    try await check(
      [PostgresUUID(uuidHigh: 0x0102_0304_0506_0708, uuidLow: 0x090A_0B0C_0D0E_0F10)], type: "uuid",
      text: ["01020304-0506-0708-090a-0b0c0d0e0f10"])
    try await check([PostgresJSON("{\"a\": [1, null]}")], type: "jsonb", text: ["{\"a\": [1, null]}"])
    try await check([PostgresJSON("[1]"), nil] as [PostgresJSON?], type: "jsonb", text: ["[1]", nil])
    try await check(
      [0, 946_684_800_000_000, 1_700_000_000_123_456, -1].map(PostgresTimestamp.init(microsecondsSinceUnixEpoch:)),
      type: "timestamptz AT TIME ZONE 'UTC' AT TIME ZONE 'UTC'",
      text: [
        "1970-01-01 00:00:00+00", "2000-01-01 00:00:00+00", "2023-11-14 22:13:20.123456+00",
        "1969-12-31 23:59:59.999999+00",
      ])
    try await check(
      [Int64.max, .min].map(PostgresTimestamp.init(microsecondsSinceUnixEpoch:)), type: "timestamptz",
      text: ["infinity", "-infinity"])
  }

  @Test func enumerationsUseTheirRawValue() async throws {
    try await check([Mood.angry, .calm], type: "text", text: ["angry", "calm"])
    try await check([[Mood.angry, .calm], []], type: "text[]", text: ["{angry,calm}", "{}"])
  }

  @Test func nullIsReadAsNil() async throws {
    try await check([nil, 5] as [Int64?], type: "int8", text: [nil, "5"])
    try await check([nil, "x"] as [String?], type: "text", text: [nil, "x"])
    try await check([nil, [1, 2]] as [[Int32]?], type: "int4[]", text: [nil, "{1,2}"])
  }

  @Test func arraysHoldValuesAndNulls() async throws {
    try await check([[], [1], [1, -2, 3]] as [[Int64]], type: "int8[]", text: ["{}", "{1}", "{1,-2,3}"])
    try await check([[1, nil, 3], [nil], []] as [[Int64?]], type: "int8[]", text: ["{1,NULL,3}", "{NULL}", "{}"])
    try await check([["a", "", "b,c"]], type: "text[]", text: ["{a,\"\",\"b,c\"}"])
    try await check([["a", nil]] as [[String?]], type: "text[]", text: ["{a,NULL}"])
    try await check([[true, false]], type: "bool[]", text: ["{t,f}"])
    try await check([[0.5, -1]], type: "float8[]", text: ["{0.5,-1}"])
    try await check([[Float(0.5)]], type: "float4[]", text: ["{0.5}"])
    try await check([[Int16(3)]], type: "int2[]", text: ["{3}"])
    try await check([[PostgresJSON("1"), nil]] as [[PostgresJSON?]], type: "jsonb[]", text: ["{1,NULL}"])
    try await check(
      [[PostgresUUID(uuidHigh: 0, uuidLow: 1)]], type: "uuid[]", text: ["{00000000-0000-0000-0000-000000000001}"])
    try await check(
      [[PostgresTimestamp(microsecondsSinceUnixEpoch: .max)]], type: "timestamptz[]", text: ["{infinity}"])
  }

  @Test func unnestTurnsArraysIntoRows() async throws {
    try await withConnection { connection in
      let statement = PostgresStatement(
        "rows", "SELECT n, t FROM unnest($1::int8[], $2::text[]) WITH ORDINALITY AS x(n, t, o) ORDER BY o"
      ) { row in (try row.next(Int64.self), try row.next(String?.self)) }
      let numbers = (0..<500).map(Int64.init)
      let texts = numbers.map { $0 % 7 == 0 ? nil : "text \($0)" }
      let rows = try await connection.query(statement, [numbers, texts])
      #expect(rows.map(\.0) == numbers)
      #expect(rows.map(\.1) == texts)
    }
  }

  @Test func integersWidenButNeverNarrow() async throws {
    try await withConnection { connection in
      let widened = try await connection.query(PostgresStatement<Int64>("widened", "SELECT 5::int2"))
      #expect(widened == [5])
      let narrow = PostgresStatement<Int16>("narrow", "SELECT 5::int8")
      let error = await #expect(throws: PostgresError.self) { try await connection.query(narrow) }
      #expect(error?.code == .decoding)
    }
  }

  @Test(arguments: [
    ("SELECT 'secret'::text", "type oid 25"), ("SELECT NULL::int8", "is NULL"),
    ("SELECT 1::int8, 2", "only 1 were read"),
  ])
  func aMismatchedColumnIsNamedWithoutItsValue(sql: String, reason: String) async throws {
    try await withConnection { connection in
      let error = await #expect(throws: PostgresError.self) {
        try await connection.query(PostgresStatement<Int64>("wrong_shape", sql))
      }
      #expect(error?.code == .decoding)
      #expect(error?.statement == "wrong_shape")
      #expect(error?.message.contains(reason) == true)
      #expect(error?.description.contains("secret") == false)
    }
  }
}
