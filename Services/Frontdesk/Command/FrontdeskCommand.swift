import Administration
import ArgumentParser
import CapacityPlanning
import CommandLineTool
import DeskExecutor
import DeskReporting
import DeskSupervisor
import LoadTesting
import ModelTraining
import ServiceSettings

/// The command-line tool for operating the desk.
@main
struct FrontdeskCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "frontdesk",
    abstract: "Run, feed, watch and explain a customer service desk.",
    discussion: """
      Getting started: `frontdesk up` in one terminal starts a whole desk in the folder .frontdesk; then, in another, \
      `frontdesk apply deploy/desk.yaml` and `frontdesk status`.

      Exit status: 0 for success, 1 for a failure or a finding, 2 for a usage error or an invalid file.
      """,
    version: BuildInformation.version,
    groupedSubcommands: [
      CommandGroup(
        name: "Running a desk",
        subcommands: [
          UpCommand.self, ScaleCommand.self, StatusCommand.self, HealthCommand.self, OperateCommand.self,
        ]),
      CommandGroup(
        name: "Administering it",
        subcommands: [
          ApplyCommand.self, RulesCommand.self, KeysCommand.self, ContactsCommand.self, WordsCommand.self,
          MigrateCommand.self,
          DeadLettersCommand.self, HooksCommand.self, AuditCommand.self, EraseCommand.self, RetentionCommand.self,
          RestoreCommand.self,
          TrainCommand.self, ModelsCommand.self, PromoteCommand.self, EvaluateCommand.self, ClassifyCommand.self,
        ]),
      CommandGroup(
        name: "Foreseeing and planning its capacity",
        subcommands: [
          RecordCommand.self, SimulateCommand.self, PlanCommand.self,
        ]),
      CommandGroup(
        name: "Testing and inspecting it",
        subcommands: [
          SendCommand.self, RepliesCommand.self, AgentsCommand.self, ExplainCommand.self, LedgerCommand.self,
          SummaryCommand.self, ReportCommand.self, BenchCommand.self, RehearseCommand.self, ChaosCommand.self,
        ]),
    ])

  /// Parses the command line and runs the command; each kind of failure has one exit status, the same for all commands.
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
