import Foundation
import PostgreSQL
import Store
import Testing

/// A desk that encrypts what people write: its users notice nothing but the search, and its database contains nothing of it.
@Suite("Words at rest, end to end", .serialized)
struct SealedLifeTests {
  private static let policy = """
    version: 1
    teams:
      desk: { lead: agent-003 }
    agents:
      - { id: agent-001, teams: [desk], capacity: 5 }
      - { id: agent-003, teams: [desk], capacity: 5 }
    queues:
      general: { teams: [desk], offer_time: 60s }
      triage: { teams: [desk], offer_time: 60s }
    rules: []
    default_queue: general
    triage: { queue: triage, below: 0.0 }
    channels:
      web: { replies: fetch, reopen_window: 1d }

    """

  private static func key(_ name: String) -> String {
    name + " " + Data((0..<32).map { _ in UInt8.random(in: 0 ... .max) }).base64EncodedString() + "\n"
  }

  /// Every column of every table that contains one of these words.
  private static func columns(with words: [String], of life: LifeDesk) async throws -> [String] {
    let address = try #require(try life.desk.description()["postgres"] as? String)
    let pool = PostgresPool(DeskStore.configure(try PostgresConfiguration(address)))
    do {
      let columns = try await pool.query(
        PostgresStatement<String>(
          "all_columns",
          """
          SELECT format('%I.%I %I', n.nspname, c.relname, a.attname)
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
           WHERE n.nspname IN ('desk', 'public') AND c.relkind IN ('r', 'p') AND NOT c.relispartition
          """))
      var found: [String] = []
      for (number, column) in columns.enumerated() {
        let parts = column.split(separator: " ")
        let statement = PostgresStatement<Int64>(
          "column_\(number)", "SELECT count(*) FROM \(parts[0]) WHERE \(parts[1])::text ~* ANY($1::text[])")
        // Bytes are shown in hexadecimal.
        let patterns = words + words.map { $0.utf8.map { String($0, radix: 16) }.joined() }
        if try await pool.query(statement, [patterns]).first ?? 0 > 0 { found.append(column) }
      }
      await pool.shutdown()
      return found
    } catch {
      await pool.shutdown()
      throw error
    }
  }

  @Test("nothing that people wrote is found in the database, before and after a rotation", .timeLimit(.minutes(4)))
  func sealed() async throws {
    let (first, second) = (Self.key("first"), Self.key("second"))
    try await LifeDesk.with(policy: Self.policy, wordKeys: first) { life in
      try await life.come(.ann)
      let message: [String: Any] = [
        "id": "m-1", "customer": "lilei", "subject": "Swordfish delayed", "text": "我的旗鱼 swordfish 一周没动了",
        "attributes": ["page": "/swordfish", "product_line": "shoes"],
        "attachments": [["name": "swordfish.pdf", "url": "https://files.example/swordfish.pdf"]],
      ]
      let ticket = try #require(try await life.ask(.web, "POST", "/v1/messages", message, expecting: 202)["ticket_id"])
      try await life.take(ticket, by: .ann)
      try await life.reply("The swordfish is on its way 旗鱼已发", on: ticket, by: .ann, awaiting: true)
      try await life.ask(.ann, "POST", "/v1/tickets/\(ticket)/notes", ["text": "swordfish note"], expecting: 201)
      let again = try await life.write("thanks for the swordfish", from: "lilei", id: "m-2")
      #expect(again == ticket)
      let words = ["swordfish", "旗鱼"]
      func check(by key: String) async throws {
        let seen = try await life.until(.ann, "/v1/tickets/\(ticket)") { $0.text.contains("thanks for the swordfish") }
        for word in words { #expect(seen.text.contains(word)) }
        _ = try await life.until(.web, "/v1/replies") { $0.text.contains("旗鱼已发") }
        // Found by the customer's name, not by words.
        let named = try await life.until(.eve, "/v1/search?q=lilei") { $0.text.contains(ticket) }
        #expect(named.body["words_encrypted"] as? Bool == true)
        let byWord = try await life.ask(.eve, "GET", "/v1/search?q=swordfish", expecting: 200)
        #expect((byWord.body["tickets"] as? [Any])?.isEmpty == true)
        let places = try await Self.columns(with: words, of: life)
        #expect(places == [])
        #expect(try await life.desk.expect(["words", "status"]).contains("with \(key)"))
      }
      try await check(by: "first")
      // The new key encrypts as soon as the services have taken it over.
      try (second + first).write(toFile: "\(life.desk.folder)/secrets/word-keys", atomically: true, encoding: .utf8)
      #expect(try await life.desk.expect(["words", "reseal"]).contains("first is no longer used"))
      try await check(by: "second")
      // What would make readable words unreadable, or empty, is refused as a wrong call.
      let stranger = "\(life.desk.folder)/stranger"
      try Self.key("stranger").write(toFile: stranger, atomically: true, encoding: .utf8)
      for (arguments, reason) in [
        (["--discard", "second"], "the key file contains it"), (["--discard", "nosuch"], "nothing of this desk"),
        (["--keys", stranger], "no running service encrypts with the key stranger"),
      ] {
        let refused = try await life.desk.command(["words", "reseal"] + arguments).end()
        #expect(refused.status == 2 && refused.output.contains(reason), "\(refused.output)")
      }
      try await check(by: "second")
      // A key that is lost: what it encrypted is given up, not before someone has seen how much that is.
      try Self.key("third").write(toFile: "\(life.desk.folder)/secrets/word-keys", atomically: true, encoding: .utf8)
      let asked = try await life.desk.command(["words", "reseal", "--discard", "second"]).end()
      #expect(
        asked.status == 2 && asked.output.contains("encrypted with second become empty for good"), "\(asked.output)")
      try await life.desk.expect(["words", "reseal", "--discard", "second", "--yes"])
      try await life.desk.expect(["status", "--wait", "--timeout", "60s"])
      let emptied = try await life.ask(.ann, "GET", "/v1/tickets/\(ticket)", expecting: 200)
      for word in words { #expect(!emptied.text.contains(word)) }
      #expect(try await life.desk.expect(["audit", "list", "--kind", "words."]).contains("words.discarded"))
      let later = try await life.ask(
        .web, "POST", "/v1/messages", ["id": "m-3", "customer": "lilei", "text": "still there"], expecting: 202)
      #expect(later["ticket_id"] != nil)
    }
  }
}
