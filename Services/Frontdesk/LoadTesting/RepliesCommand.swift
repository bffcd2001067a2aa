package import ArgumentParser
import CommandLineTool
import Curl
import DeskCore

/// `frontdesk replies`.
package struct RepliesCommand: AsyncParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "replies",
    abstract: "Fetch the replies to channels' customers, as a channel's system does.",
    discussion: """
      Replies are lines of JSON: the reply as intake returns it, after its channel. They then count as sent. \
      Without --key-file, the channels are those of a desk created by `frontdesk up`, each with its own key.
      """)

  @OptionGroup var desk: DeskOptions

  @Option(help: "Only this channel; can be repeated (default: every channel with a key in the desk's folder).")
  var channel: [String] = []

  @Option(help: "A file with a channel's key, for any desk; needs --url.", completion: .file())
  var keyFile: String?

  @Option(help: "Intake's address, such as https://intake.example.com (default: that of the desk in the folder).")
  var url: String?

  @Option(help: "The cursor to begin at, of one channel (default: the oldest reply that is kept).")
  var after: String?

  @Flag(help: "Continue with replies as they are written, until Ctrl-C.")
  var follow = false

  package init() {}

  package func validate() throws {
    guard keyFile == nil || (url != nil && channel.isEmpty) else {
      throw ValidationError("--key-file needs --url, and no --channel: the key determines the channel.")
    }
    guard after == nil || keyFile != nil || channel.count == 1 else {
      throw ValidationError("--after needs one --channel: each channel has its own cursors.")
    }
  }

  package func run() async throws {
    let client = try HTTPClient()
    let result: Result<Void, any Error>
    do {
      result = .success(try await fetch(readers(client)))
    } catch {
      result = .failure(error)
    }
    await client.shutDown()
    try result.get()
  }

  private func readers(_ client: HTTPClient) throws -> [ReplyReader] {
    if let keyFile, let url {
      guard let key = try PrivateFile.secret(path: keyFile), !key.isEmpty else {
        throw CommandFailure("there is no key in \(keyFile)", status: .wrongCall)
      }
      return [ReplyReader(client: client, url: url, key: key, channel: nil)]
    }
    let local = try desk.localDesk()
    let channels = channel.isEmpty ? local.keys.channels() : channel.map { ChannelID($0) }
    guard !channels.isEmpty else {
      throw CommandFailure(
        "the desk has no channel keys yet", remedy: "apply a policy: `frontdesk apply deploy/desk.yaml`")
    }
    return try channels.map { channel in
      ReplyReader(
        client: client, url: url ?? local.intakeURL, key: try local.keys.channelKey(channel), channel: channel)
    }
  }

  private func fetch(_ readers: [ReplyReader]) async throws {
    guard follow else {
      for reader in readers { try await reader.list(after: after) { Terminal.say(json: $0.json) } }
      return
    }
    let interruption = Interruption()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for reader in readers {
        group.addTask { try await reader.follow(after: after) { Terminal.say(json: $0.json) } }
      }
      group.addTask { await interruption.wait() }
      defer { group.cancelAll() }
      try await group.next()
    }
  }
}
