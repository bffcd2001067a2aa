import ArgumentParser
import ServiceKit

/// The command that people run the desk with.
@main
struct FrontdeskCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "frontdesk",
    abstract: "Run, feed, watch and explain a customer service desk.",
    discussion: """
      A first look: `frontdesk up` in one terminal starts a whole desk in the folder .frontdesk; then, in another, \
      `frontdesk apply deploy/desk.yaml` and `frontdesk status`.

      Ends with 0 when all is well, 1 for a failure or a finding, 2 for a wrong call or a wrong file.
      """,
    version: BuildInformation.version,
    groupedSubcommands: [
      CommandGroup(
        name: "Running a desk",
        subcommands: [UpCommand.self, ScaleCommand.self, StatusCommand.self, HealthCommand.self]),
      CommandGroup(
        name: "Deciding for it",
        subcommands: [
          ApplyCommand.self, RulesCommand.self, KeysCommand.self, ContactsCommand.self, MigrateCommand.self,
          DeadLettersCommand.self, HooksCommand.self, AuditCommand.self, EraseCommand.self, RetentionCommand.self,
          TrainCommand.self, ModelsCommand.self, PromoteCommand.self, EvaluateCommand.self, ClassifyCommand.self,
        ]),
      CommandGroup(
        name: "Trying and understanding it",
        subcommands: [
          SendCommand.self, AgentsCommand.self, ExplainCommand.self, LedgerCommand.self, SummaryCommand.self,
          ReportCommand.self, BenchCommand.self, ChaosCommand.self,
        ]),
    ])

  /// Reads the command line and runs what it names; the ways of failing have one status each, whichever command it was.
  static func main() async {
    do {
      var command = try parseAsRoot()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch {
      CommandFailure.end(with: error, of: self)
    }
  }
}
