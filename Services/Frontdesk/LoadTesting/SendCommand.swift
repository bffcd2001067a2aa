package import ArgumentParser
import CommandLineTool
import DeskCore
import DeskReporting
import Foundation

/// `frontdesk send`.
package struct SendCommand: AsyncParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "send",
    abstract: "Send messages and wait for their acknowledgements.",
    discussion: """
      Messages are lines of JSON: {"channel": …, "external_id": …, "customer": …, "text": …}; other members are ignored. \
      Unacknowledged messages are sent again with the same id, so a restart of intake only causes a delay. \
      Exits with 1 when a message stayed unacknowledged.
      """)

  @OptionGroup var desk: DeskOptions

  @Argument(help: "A file of messages, or - for standard input.", completion: .file(extensions: ["ndjson", "jsonl"]))
  var file: String?

  @Option(help: "Instead of a file: send this many of the project's own samples, varied.")
  var samples: Int?

  @Option(help: "With --samples: a customer's second message comes this many messages later (1: at once).")
  var returnAfter = 1

  @Option(help: "A labelled CSV to take the samples from.", completion: .file(extensions: ["csv"]))
  var sampleFile: String?

  @Option(name: [.customLong("by"), .customLong("via")], help: "The transport: http, zeromq or both alternately.")
  var by: TransportChoice = .http

  @Option(help: "The encoding of ZeroMQ bodies: protobuf or json.")
  var form: ZeroMQTransport.Form = .protobuf

  @Option(help: "Send only the first N messages of the file.")
  var count: Int?

  @Option(help: "Messages per second, independent of the answers; default: as fast as they are acknowledged.")
  var rate: Double?

  @Option(help: "Messages per request.")
  var batch = 50

  @Option(help: "Concurrent requests.")
  var connections = 16

  @Option(help: "The file to append acknowledgements to (default: acknowledged.ndjson in the desk's folder).")
  var acknowledged: String?

  @Option(help: "A prefix for ids, which turns the same file into different messages.")
  var prefix = ""

  @Option(help: "The channel of lines without one. With --samples: the channels to spread them over; default: all.")
  var channel: [String] = []

  @Option(help: "How long to keep trying to get a message acknowledged.", transform: DurationArgument.read)
  var giveUp = DurationArgument(.seconds(120), "120s")

  package init() {}

  package func validate() throws {
    guard (file == nil) != (samples == nil) else { throw ValidationError("Name either a file or --samples N.") }
    guard (1...LoadBounds.messagesPerRequest).contains(batch) else {
      throw ValidationError("--batch must be 1 to \(LoadBounds.messagesPerRequest).")
    }
    guard (1...LoadBounds.connections).contains(connections) else {
      throw ValidationError("--connections must be 1 to \(LoadBounds.connections).")
    }
    guard rate.map({ $0 > 0 && $0 <= 1e6 }) ?? true else { throw ValidationError("--rate must be in (0, 1000000].") }
    guard (1...LoadBounds.returnAfter).contains(returnAfter) else {
      throw ValidationError("--return-after must be 1 to \(LoadBounds.returnAfter).")
    }
    guard file == nil || channel.count < 2 else { throw ValidationError("A file's lines take one --channel at most.") }
    guard (samples ?? 0) >= 0, (count ?? 0) >= 0 else { throw ValidationError("Counts must not be negative.") }
  }

  package func run() async throws {
    let local = try desk.localDesk()
    let (total, message) = try messages(keys: local.keys)
    let log = try AcknowledgementLog(path: acknowledged ?? DefaultFiles.acknowledged(in: desk.folderPath))
    let http = by == .zeromq ? nil : try HTTPTransport(url: local.intakeURL, keys: local.keys, connections: connections)
    let zeroMQ =
      by == .http
      ? nil
      : try ZeroMQTransport(
        endpoint: local.channelEndpoint, serverKey: local.channelServerKey, keys: local.keys, form: form)
    let schedule = ArrivalSchedule(messagesPerSecond: rate)
    let tally = SendTally()
    let run = SendRun(
      line: MessageLine(count: total, batchLimit: batch, schedule: schedule, message: message), schedule: schedule,
      choice: by, http: http, zeroMQ: zeroMQ, connections: connections, giveUpAfter: giveUp.duration, log: log,
      tally: tally)
    let beginning = ContinuousClock.now
    let outcome = await Self.showing(tally, total: total, since: beginning) { try await run.run() }
    await http?.close()
    await zeroMQ?.close()
    Self.conclude(tally.counts, total: total, took: ContinuousClock.now - beginning)
    try outcome.get()
    if tally.counts.acknowledged < total { throw ExitCode.failure }
  }

  // MARK: - Messages

  private func messages(keys: KeyFiles) throws -> (Int, @Sendable (Int) throws -> SentMessage) {
    let named = channel.map { ChannelID($0) }
    if let samples {
      let channels = named.isEmpty ? keys.channels() : named
      guard !channels.isEmpty else {
        throw CommandFailure(
          "the desk has no channel keys yet", remedy: "apply a policy: `frontdesk apply deploy/desk.yaml`")
      }
      let traffic = SampleTraffic(
        samples: try SampleFile.texts(path: sampleFile), channels: channels,
        prefix: prefix.isEmpty ? "sample-" : prefix,
        messagesPerCustomer: 2, returnAfter: returnAfter)
      return (samples, { traffic.message($0) })
    }
    let read = try MessageFile.read(file ?? "-", fallback: named.first)
    let prefix = prefix
    return (
      min(count ?? read.count, read.count),
      { position in
        var message = try read.message(position)
        message.id = prefix + message.id
        return message
      }
    )
  }

  // MARK: - Output

  private static func showing(
    _ tally: SendTally, total: Int, since beginning: ContinuousClock.Instant, _ work: @Sendable () async throws -> Void
  ) async -> Result<Void, any Error> {
    await withTaskGroup(of: Void.self) { group in
      group.addTask {
        var meter = RateMeter(start: beginning)
        await LiveLine.show {
          let counts = tally.counts
          let rate = meter.rate(counts.acknowledged, at: .now)
          return ProgressLine.text(counts, total: total, rate: rate)
        }
      }
      let result: Result<Void, any Error>
      do {
        result = .success(try await work())
      } catch {
        result = .failure(error)
      }
      group.cancelAll()
      await group.waitForAll()
      return result
    }
  }

  private static func conclude(_ counts: SendTally.Counts, total: Int, took: Duration) {
    let seconds = max(took / .seconds(1), 0.001)
    var text = "\(counts.acknowledged) of \(total) acknowledged in \(RoundedTime.seconds(seconds))"
    text += " (\(Int(Double(counts.acknowledged) / seconds))/s)"
    if counts.duplicates > 0 { text += ", \(counts.duplicates) of them duplicates" }
    Terminal.say(text)
    guard !counts.reasons.isEmpty else { return }
    let left = total - counts.acknowledged
    Terminal.say(
      left == 0 ? "  temporary failures, all resolved by retrying:" : "  \(left) stayed unacknowledged; failures:")
    for (reason, times) in counts.leadingReasons { Terminal.say("  \(times) × \(reason)") }
  }
}

/// The growth rate of a count over the last few seconds.
struct RateMeter: Sendable {
  private static let window: Duration = .seconds(3)
  private var points: [(at: ContinuousClock.Instant, count: Int)]

  init(start: ContinuousClock.Instant) {
    points = [(start, 0)]
  }

  /// Records the count at a time, not before the last one, and returns the growth per second over the window.
  mutating func rate(_ count: Int, at now: ContinuousClock.Instant) -> Double {
    points.append((now, count))
    while points.count > 2, points[1].at <= now - RateMeter.window { points.removeFirst() }
    let seconds = (now - points[0].at) / .seconds(1)
    return seconds > 0 ? Double(count - points[0].count) / seconds : 0
  }
}

extension TransportChoice: ExpressibleByArgument {}
extension ZeroMQTransport.Form: ExpressibleByArgument {}
