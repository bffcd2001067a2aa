import CommandLineTool
import Foundation
import PostgreSQL
import Store
import Testing

/// The numbers of connections that `deploy/README.md` states for each process, held against those of a running desk.
struct ConnectionBudget {
  /// The most connections of one process to the primary, by `application_name`.
  private let stated: [String: Int64]

  /// Reads the table whose rows begin like `| intake | 6 |`.
  init() throws {
    let readme = try String(
      contentsOf: RunningDesk.project.appendingPathComponent("deploy/README.md"), encoding: .utf8)
    var stated: [String: Int64] = [:]
    for row in readme.matches(of: /\n\| ([a-z-]+) \| (\d+) \|/) {
      stated["frontdesk-\(row.1)"] = Int64(row.2)
    }
    self.stated = stated
  }

  /// Expects that every service holds connections, none more than stated, and that there are no others.
  func expectKept(by desk: RunningDesk, sourceLocation: SourceLocation = #_sourceLocation) async throws {
    let information = try #require(try desk.description()["postgres"] as? String)
    let held = try await DeskConnection.withStore(information) { try await $0.pool.query(Self.held) }
    let services = ["intake", "classifier", "router", "sla-watcher", "notifier", "console", "executor"]
    let processes = try Dictionary(
      uniqueKeysWithValues: services.map { ("frontdesk-\($0)", Int64(try desk.processes(of: $0).count)) })
    for (name, count) in held {
      let most = try #require(
        stated[name], "\(name) holds \(count) connections, of which deploy/README.md says nothing",
        sourceLocation: sourceLocation)
      // Of commands, `up` and this test are running.
      #expect(count <= most * (processes[name] ?? 2), "\(name): \(count)", sourceLocation: sourceLocation)
    }
    #expect(Set(processes.keys).isSubset(of: held.map(\.name)), "\(held)", sourceLocation: sourceLocation)
  }

  private static let held = PostgresStatement(
    "held_connections",
    """
    SELECT application_name, count(*) FROM pg_stat_activity
     WHERE backend_type = 'client backend' AND datname = current_database() GROUP BY 1
    """
  ) { row in
    (name: try row.next(String.self), count: try row.next(Int64.self))
  }
}
