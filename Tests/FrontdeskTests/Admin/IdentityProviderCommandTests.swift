import ArgumentParser
import DeskCore
import Foundation
import Store
import TestKit
import TestStore
import Testing

@testable import Administration
@testable import CommandLineTool

@Suite("Allowing, listing and removing identity providers")
struct IdentityProviderCommandTests {
  private static let usual = ["--issuer", "https://login.example.com", "--client", "desk", "--agent-claim", "login"]

  private static func parse(_ more: [String], without dropped: String? = nil) throws -> AllowProvider {
    var arguments = usual
    if let dropped, let place = arguments.firstIndex(of: dropped) { arguments.removeSubrange(place...place + 1) }
    return try AllowProvider.parse(arguments + more)
  }

  @Test(arguments: [
    (["--issuer", "http://login.example.com"], "https://"), (["--issuer", "https://a.example/?x=1"], "query"),
    (["--issuer", "login.example.com"], "--issuer"), (["--issuer", "https://u:p@a.example"], "password"),
    (["--client", ""], "--client"), (["--agent-claim", "a b"], "--agent-claim"),
    (["--agent-claim", "email"], "--agent-domain example.com"), (["--agent-domain", "@Example.com"], "--agent-domain"),
    (["--role", "x=lead"], "--role-claim"), (["--role-claim", "groups"], "--role VALUE=ROLE"),
    (["--role-claim", "groups", "--role", "x=channel"], "desk-leads=lead"),
    (["--role-claim", "groups", "--role", "x"], "desk-leads=lead"),
    (["--role-claim", "groups", "--role", "=lead"], "--role"), (["--scope", "a b"], "--scope"),
    (["--name", " "], "--name"), (["--name", String(repeating: "n", count: 101)], "100"),
  ])
  func wrongOptionsNameTheRemedy(_ options: [String], _ words: String) {
    do {
      _ = try Self.parse(options, without: options[0])
      Issue.record("\(options) was accepted")
    } catch {
      let message = AllowProvider.fullMessage(for: error)
      #expect(message.contains("--") && message.contains(words), "\(message)")
    }
  }

  @Test func aProviderIsAllowedChangedAndShownWithoutItsSecret() async throws {
    try await TestDatabase.with(connections: 2) { store in
      let command = try Self.parse([
        "--role-claim", "realm_access.roles", "--role", "desk=ops=operator", "--role", "desk-leads=lead", "--scope",
        "groups",
        "--scope", "email",
      ])
      #expect(try await command.allow(with: "the client's secret", in: store))
      let provider = try #require(try await store.access.identityProviders().first)
      #expect(provider.name == "login.example.com" && provider.clientSecret == "the client's secret")
      #expect(
        provider.roles == [.init(value: "desk=ops", role: .operator), .init(value: "desk-leads", role: .lead)])
      #expect(provider.scopes == ["openid", "profile", "email", "groups"] && provider.sealingKey.count == 32)
      let line = ListProviders.line(provider)
      #expect(line.contains("(with a secret)") && !line.contains("the client's secret"))
      #expect(line.contains("role by realm_access.roles: desk=ops=operator desk-leads=lead"))
      #expect(try await Self.parse(["--name", "login.example.com"]).allow(with: nil, in: store) == false)
      let changed = try #require(try await store.access.identityProviders().first)
      #expect(changed.clientSecret == nil && changed.roles.isEmpty && changed.sealingKey != provider.sealingKey)
      let error = await #expect(throws: CommandFailure.self) {
        try await Self.parse(["--name", "Other"]).allow(with: nil, in: store)
      }
      #expect(error?.description.contains("frontdesk keys providers") == true)
      for index in 1..<StoreBounds.identityProviders {
        let other = try Self.parse(["--name", "n\(index)", "--client", "c\(index)"], without: "--client")
        #expect(try await other.allow(with: nil, in: store))
      }
      let full = await #expect(throws: CommandFailure.self) {
        try await Self.parse(["--name", "one more", "--client", "c"], without: "--client").allow(with: nil, in: store)
      }
      #expect(full?.description.contains("provider-remove") == true)
    }
  }

  @Test func aSecretIsReadFromItsFileAndNeverQuoted() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let file = folder.path("secret")
    for (text, isGood) in [
      ("s3cret of the desk\n", true), ("s3cret\r\n", true), ("abc", false), ("two\nlines", false), ("", false),
    ] {
      try text.write(toFile: file, atomically: true, encoding: .utf8)
      do {
        #expect(try AllowProvider.secret(in: file) == text.trimmingCharacters(in: .newlines))
        #expect(isGood, "\(text)")
      } catch let failure as CommandFailure {
        #expect(!isGood && failure.description.contains("--client-secret-file"), "\(text)")
        #expect(text.isEmpty || !failure.description.contains(text))
      }
    }
    #expect(throws: CommandFailure.self) { try AllowProvider.secret(in: folder.path("missing")) }
  }
}
