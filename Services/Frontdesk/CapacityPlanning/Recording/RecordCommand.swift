package import ArgumentParser
import CommandLineTool
import DeskCore
import PolicyReading
import Simulator
import Store

/// `frontdesk record`.
package struct RecordCommand: AsyncParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "record",
    abstract: "Record a stretch of the desk, without texts and under pseudonyms, to replay it in the simulator.",
    discussion: """
      The file has the tickets that were opened in the stretch and those that were open at its start: when they came, their labels, queue and \
      priority, the times of messages, offers and their answers, who had them for how long, and how they ended; and the agents' skills, teams \
      and presence. It has no text, no name of a customer or an agent, and no identifier of a channel; names are replaced by a keyed hash whose \
      key is discarded, so that two recordings cannot be joined by names. Times are exact to the millisecond: whoever has the desk's own logs \
      can recognise tickets by them, so treat the file as confidential.

      It is read in pages while the desk works. Replay it with `frontdesk simulate --recording FILE`.
      """)

  @OptionGroup var desk: DeskOptions
  @OptionGroup var replica: ReplicaOptions

  @Option(help: "The beginning: a day such as 2026-03-02, or 2026-03-02T09:30.")
  var from: String

  @Option(help: "The end, exclusive: a day up to its end, or 2026-03-02T18:00. It must have passed.")
  var to: String

  @Option(help: "The time zone of both, such as Asia/Shanghai (default: UTC).")
  var zone: String?

  @Option(help: "The file to write; it must not exist.")
  var output: String

  package init() {}

  package func run() async throws {
    // Of the desk as it is now, so not from a replica.
    let (policy, workers) = try await desk.withStore { try await Self.setting(in: $0) }
    try await desk.withReader(replica, requestTimeout: RecordingBounds.statementTimeout) { source in
      let store = source.store
      let span = try await RecordedSpan(from: from, to: to, zone: zone, now: source.knowsUntil())
      let recorder = DeskRecorder(
        store: store, policy: policy,
        stretch: Recording.Stretch(
          from: span.from, to: span.to, zone: span.zone, policyVersion: policy.version, workers: workers))
      let expected = try await store.recordings.ticketCount(
        from: span.from, to: span.to, timeout: RecordingBounds.statementTimeout)
      var shown = 0
      let tickets = try await RecordingFile.create(path: output) { append in
        try await recorder.run(write: append) { count in
          // Each tenth, so that a redirected standard error stays short.
          let tenth = Int(Int64(count) * 10 / max(1, expected))
          if tenth > shown {
            shown = tenth
            Terminal.complain("recorded \(count) tickets, of about \(max(expected, Int64(count)))")
          }
        }
      }
      Terminal.say("recorded \(tickets) tickets in \(output)")
    }
  }

  /// The policy in force, and how many processes of each service run.
  private static func setting(in store: DeskStore) async throws -> (policy: Policy, workers: [ExactString: Int]) {
    guard let stored = try await store.access.newestPolicy() else {
      throw CommandFailure("the desk has no policy yet", remedy: "run `frontdesk apply deploy/desk.yaml`")
    }
    let policy: Policy
    do {
      policy = try PolicyDocument(yaml: stored.document, version: stored.version).policy
    } catch {
      throw CommandFailure(
        "this build cannot read the policy in force, version \(stored.version): \(error.mistakes.count) mistakes",
        remedy: "use the build of the desk's services")
    }
    let workers = try await store.fleet.livingInstances().reduce(into: [:]) {
      $0[ExactString($1.service), default: 0] += 1
    }
    return (policy, workers)
  }
}
