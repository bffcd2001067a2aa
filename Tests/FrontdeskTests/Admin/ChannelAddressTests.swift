import ArgumentParser
import CommandLineTool
import Foundation
import TestKit
import Testing
import ZeroMQ

@testable import Administration
@testable import Frontdesk

@Suite("A channel's addresses")
struct ChannelAddressTests {
  private static let serverKey = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"
  private static let all = [
    "--url", "https://intake.example.com", "--channel-endpoint", "tcp://intake.example.com:7200",
    "--server-key=\(serverKey)",
    "--console-url", "https://desk.example.com",
  ]

  private func create(_ arguments: [String], at desk: [String]) throws -> CreateKey {
    try #require(
      try FrontdeskCommand.parseAsRoot(["keys", "create", "--channel", "web", "--environment"] + arguments + desk)
        as? CreateKey)
  }

  @Test("are those that were named, and need no folder")
  func named() throws {
    let command = try create(Self.all, at: ["--postgres", "host=db.example.com"])
    let addresses = try command.addresses.resolved(for: command.desk)
    let pair = try CurveKeyPair.generate()
    #expect(
      addresses.environment(key: "secret", curve: pair) == [
        "FRONTDESK_URL=https://intake.example.com", "FRONTDESK_KEY=secret",
        "FRONTDESK_CHANNEL_ENDPOINT=tcp://intake.example.com:7200", "FRONTDESK_SERVER_KEY=\(Self.serverKey)",
        "FRONTDESK_PUBLIC_KEY=\(pair.publicKey.z85)", "FRONTDESK_SECRET_KEY=\(pair.secretKey.z85)",
        "FRONTDESK_CONSOLE_URL=https://desk.example.com",
      ])
  }

  @Test("are HTTP's alone where no other was named")
  func onlyHTTP() throws {
    let command = try create(["--url", "https://intake.example.com"], at: ["--postgres", "host=db.example.com"])
    let addresses = try command.addresses.resolved(for: command.desk)
    #expect(
      addresses.environment(key: "secret", curve: nil)
        == ["FRONTDESK_URL=https://intake.example.com", "FRONTDESK_KEY=secret"])
  }

  @Test("of a desk that was named by its database are asked for, whatever desk is in the folder")
  func unknown() throws {
    let command = try create([], at: ["--postgres", "host=db.example.com"])
    let failure = #expect(throws: CommandFailure.self) { try command.addresses.resolved(for: command.desk) }
    #expect(failure?.remedy?.contains("--url") == true)
  }

  @Test("are needed, like an address of the pages or a key file, where the desk was named by its database")
  func asked() throws {
    let options = try DeskOptions.parse(["--postgres", "host=db.example.com", "--folder", "/nonexistent"])
    #expect(options.folderPathIfLocal == nil)
    #expect(options.localDeskIfAny() == nil)
    let asked = #expect(throws: CommandFailure.self) { try options.localDesk(elsewhere: "add --url URL") }
    #expect(asked?.remedy == "add --url URL")
    let missing = #expect(throws: CommandFailure.self) { try options.localDesk() }
    #expect(missing?.problem.contains("database alone is not enough") == true)
  }

  @Test(
    "are refused where they cannot be right",
    arguments: [
      (["--environment", "--url", "intake"], "--url must be like"),
      (["--environment", "--console-url", "https://desk.example.com"], "add --url URL"),
      (["--environment", "--url", "https://a", "--channel-endpoint", "tcp://a:7200"], "belong together"),
      (
        ["--environment", "--url", "https://a", "--channel-endpoint", "tcp://a", "--server-key=\(serverKey)"],
        "tcp://intake.example.com:7200"
      ),
      (
        ["--environment", "--url", "https://a", "--channel-endpoint", "tcp://a:7200", "--server-key", "short"],
        "40 characters"
      ),
      (["--url", "https://a"], "only for --environment"),
    ])
  func wrong(_ arguments: [String], _ remedy: String) {
    do {
      _ = try FrontdeskCommand.parseAsRoot(["keys", "create", "--channel", "web"] + arguments)
      Issue.record("it was accepted")
    } catch {
      let text = FrontdeskCommand.fullMessage(for: error)
      #expect(text.contains(remedy), "\(text)")
    }
  }
}
