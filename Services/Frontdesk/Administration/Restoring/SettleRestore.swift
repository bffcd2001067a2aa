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

      The moment stays in the audit for good, and `restore check` relies on it. So one that the data contradicts is refused: after the \
      server's time, or before the newest data. A desk that is settled already says so and stays as it is, until its server is recovered \
      again, which begins a new timeline. A server on timeline 1 was never recovered: it is refused, because most likely it is the wrong \
      one, and settling a desk that runs elsewhere would end everyone's session; --without-recovery is for what went back in time in \
      another way. A desk whose audit is not sound is refused too, because a better backup may exist.
      """)

  @Option(help: "What the desk was restored to (default: as `restore check` finds it).", transform: RestoreMoment.read)
  var moment: Instant?

  @Option(
    help: "How far the moment's clock may differ from the server's: 500ms, 2s, at most 1h.",
    transform: DurationArgument.read)
  var clockTolerance = DurationArgument(.zero, "0")

  @Flag(help: "The database went back in time by a snapshot of its disk or a dump, not by a recovery of its server.")
  var withoutRecovery = false

  @Flag(help: "Settle although the audit is not sound; the audit then says so.")
  var acceptBrokenAudit = false

  @OptionGroup var desk: DeskOptions

  func validate() throws { try RestoreCommand.validate(clockTolerance) }

  func run() async throws {
    let settling = RestoreSettling(
      moment: moment, clockTolerance: clockTolerance.duration, isWithoutRecovery: withoutRecovery,
      isBrokenAuditAccepted: acceptBrokenAudit)
    switch try await desk.withStore(requestTimeout: .seconds(120), { try await settling.run(on: $0) }) {
    case .before(let settled):
      Terminal.say(
        """
        settled already: on \(RFC3339.text(settled.at)), restored to \(RFC3339.text(settled.moment)) (audit entry \(settled.entry))
        nothing was changed
        """)
    case .settled(let restoredTo, let settlement):
      Terminal.say(
        """
        restored to \(RFC3339.text(restoredTo)), recorded in the audit
        the reply numbers of \(settlement.channels.count) channels were advanced
        \(settlement.sessions) sessions were ended, and \(settlement.links) sign-in links are void
        """)
    }
  }
}
