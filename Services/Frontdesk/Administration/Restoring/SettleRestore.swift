import ArgumentParser
import CommandLineTool
import DeskCore
import Store

/// Makes a restored desk safe to start.
struct SettleRestore: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "settle",
    abstract: "Make a restored desk safe to start: reply numbers far ahead, all sessions ended; recorded in the audit.",
    discussion: """
      Run it once after `frontdesk restore check`, before the services start. A channel's cursor may be behind reply numbers that were given \
      after the moment; without this, the desk would give them again, and the channel would skip those replies. Sessions and sign-in links \
      that were ended or used after the moment would be valid again.
      """)

  @Option(help: "What the desk was restored to (default: as `restore check` finds it).", transform: RestoreMoment.read)
  var moment: Instant?

  @OptionGroup var desk: DeskOptions

  func run() async throws {
    let (restoredTo, settlement) = try await desk.withStore(requestTimeout: .seconds(60)) { store in
      let server = try await store.restores.server()
      guard !server.isInRecovery else {
        throw CommandFailure(
          "the server still replays its archive",
          remedy: "wait for its end, or end it with `SELECT pg_promote()` once it has reached the moment")
      }
      let living = try await store.fleet.livingInstances().count
      guard living == 0 else {
        throw CommandFailure(
          "\(living) services are running on this desk",
          remedy: "stop them first: settling ends everyone's session, and is only for a desk that was just restored")
      }
      guard let restoredTo = RestoreMoment(named: moment, of: server)?.instant else {
        throw CommandFailure(
          "the database does not show what it was restored to", remedy: "name it with --moment", status: .wrongCall)
      }
      return (restoredTo, try await store.restores.settle(restoredTo: restoredTo))
    }
    Terminal.say(
      """
      restored to \(RFC3339.text(restoredTo)), recorded in the audit
      the reply numbers of \(settlement.channels.count) channels were advanced
      \(settlement.sessions) sessions were ended, and \(settlement.links) sign-in links are void
      """)
  }
}
