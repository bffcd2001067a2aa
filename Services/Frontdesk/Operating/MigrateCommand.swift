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

  @OptionGroup var desk: DeskOptions

  func run() async throws {
    try await desk.withStore { store in
      let migrator = try PostgresMigrator(DeskMigrations.all)
      if !status {
        let applied = try await migrator.migrate(store.pool)
        for number in applied { Terminal.say("applied step \(number)") }
      }
      let now = try await migrator.status(of: store.pool)
      Terminal.say("the schema has version \(now.currentVersion), this build needs \(now.knownVersion)")
      for step in now.pending { Terminal.say("to be applied: \(step.number) \(step.name)") }
      guard now.unknown.isEmpty else {
        throw CommandFailure(
          "the database has steps that this build does not know: \(now.unknown.map(String.init).joined(separator: ", "))",
          remedy: "use the newer build that applied them")
      }
      guard now.isCurrent else {
        throw CommandFailure("the schema is older than this build", remedy: "run `frontdesk migrate`")
      }
    }
  }
}
