package import ArgumentParser
import CommandLineTool
import PostgreSQL
import Store

/// Migrates the schema.
package struct MigrateCommand: AsyncParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "migrate", abstract: "Migrate the database schema to the version that this build needs.",
    discussion: "Any number of these may run concurrently; each step is applied once, in its own transaction.")

  @Flag(help: "Only show the schema version; exits with 1 when it is not what this build needs.")
  var status = false

  @Option(
    help: """
      The services' role, created before with CREATE ROLE: it is granted exactly the rights that their statements need, and loses \
      all others here.
      """)
  var serviceRole: String?

  package init() {}

  @OptionGroup var desk: DeskOptions

  package func validate() throws {
    guard serviceRole == nil || !status else {
      throw ValidationError("--status changes nothing; leave --service-role out")
    }
  }

  package func run() async throws {
    try await desk.withStore { store in
      let migrator = try PostgresMigrator(DeskMigrations.all)
      if !status {
        let applied = try await migrator.migrate(store.pool)
        for number in applied { Terminal.say("applied step \(number)") }
        // In a new desk before the first message, which they would hold up later. Where services run already, theirs is the next attempt.
        if !applied.isEmpty {
          do {
            _ = try await store.privacy.ensurePartitions()
          } catch {
            Terminal.complain(
              "day partitions were not created; sla-watcher creates them when it starts: \(FailureKind.of(error))")
          }
        }
      }
      if let serviceRole { try await grant(serviceRole, store) }
      // A step that an earlier call has applied may not be on a standby.
      if !status { try await store.confirmReads() }
      let now = try await migrator.status(of: store.pool)
      Terminal.say("the schema has version \(now.currentVersion), this build needs \(now.knownVersion)")
      for step in now.pending { Terminal.say("to be applied: \(step.number) \(step.name)") }
      guard now.breaking.isEmpty else {
        throw CommandFailure(
          "the database has steps that this build does not know: \(now.breaking.map(String.init).joined(separator: ", "))",
          remedy: "use the newer build that applied them")
      }
      if !now.unknown.isEmpty {
        Terminal.say(
          "steps of a newer build only added to it: \(now.unknown.map(String.init).joined(separator: ", ")); this build can still use it"
        )
      }
      guard now.isWorkable else {
        throw CommandFailure("the schema is older than this build", remedy: "run `frontdesk migrate`")
      }
    }
  }

  private func grant(_ role: String, _ store: DeskStore) async throws {
    do {
      try await store.access.grantService(to: role)
      Terminal.say("granted \(role) the rights of a service")
    } catch let error as PostgresError where error.sqlState == "42704" {
      throw CommandFailure(
        "the database has no role '\(role)'", remedy: "make it first: CREATE ROLE … LOGIN PASSWORD …",
        status: .wrongCall)
    }
  }
}
