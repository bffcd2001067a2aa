import ArgumentParser
import PostgreSQL
import Store

/// Brings the schema up to date.
struct MigrateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "migrate", abstract: "Bring the database's schema to what this build needs.",
    discussion: "Any number of these may run at once; each step is applied once, in a transaction of its own.")

  @Flag(help: "Only tell how the schema stands; ends with 1 when it is not what this build needs.")
  var status = false

  @Option(
    help: """
      A role that services work as, made before with CREATE ROLE: it is granted what their statements do, and loses whatever \
      else it could do here.
      """)
  var serviceRole: String?

  @OptionGroup var desk: DeskOptions

  func validate() throws {
    guard serviceRole == nil || !status else {
      throw ValidationError("--status changes nothing; leave --service-role out")
    }
  }

  func run() async throws {
    try await desk.withStore { store in
      let migrator = try PostgresMigrator(DeskMigrations.all)
      if !status {
        let applied = try await migrator.migrate(store.pool)
        for number in applied { Terminal.say("applied step \(number)") }
      }
      if let serviceRole { try await grant(serviceRole, store) }
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
          "steps of a newer build only added to it: \(now.unknown.map(String.init).joined(separator: ", ")); this build works on"
        )
      }
      guard now.isWorkable else {
        throw CommandFailure("the schema is older than this build", remedy: "run `frontdesk migrate`")
      }
    }
  }

  private func grant(_ role: String, _ store: DeskStore) async throws {
    do {
      try await store.grantService(to: role)
      Terminal.say("granted \(role) the rights of a service")
    } catch let error as PostgresError where error.sqlState == "42704" {
      throw CommandFailure(
        "the database has no role '\(role)'", remedy: "make it first: CREATE ROLE … LOGIN PASSWORD …",
        status: .wrongCall)
    }
  }
}
