import Curl
import DeskCore
import Foundation
import HTTPService
import HTTPTypes
import Store
import Testing
import UseCases

@testable import Console

/// Replies that rules of the policy refuse, and what is recorded of them.
@Suite struct ReplyInspectionTests {
  private static let rules = """
    reply_rules:
      insults:
        action: block
        terms: [idiot, 傻逼]
        message: { zh: 请换一种说法。, en: Please rephrase this. }
      blame:
        action: warn
        terms: [your fault]
        message: { zh: 请再看一眼。, en: Please look again. }
      promises: { action: note, terms: [i guarantee] }

    """

  private func assigned(_ desk: StaffedDesk) async throws -> Ticket {
    let (_, offer) = try await desk.offered(to: "ann")
    return try await desk.desk.accept(offer, by: "ann")
  }

  private func problem(_ work: () async throws -> Void) async throws -> HTTPProblem? {
    do {
      try await work()
      return nil
    } catch let problem as HTTPProblem {
      return problem
    }
  }

  private func replies(_ desk: StaffedDesk, on ticket: TicketID) async throws -> [String] {
    try await desk.store.conversations.messages(of: ticket, limit: 10).filter { $0.direction == 2 }.map(\.body)
  }

  @Test func aBlockedReplyIsNotSentAndExplainedInTheAgentsLanguage() async throws {
    try await StaffedDesk.with(adding: Self.rules) { desk in
      let ticket = try await assigned(desk)
      for (language, text) in [(StaffLanguage.english, "Please rephrase this."), (.chinese, "请换一种说法。")] {
        let refused = try await problem {
          _ = try await desk.desk.reply(
            .init(text: "You I.D.I.O.T", acknowledged: ["insults"]), awaitsCustomer: false, on: ticket.id, by: "ann",
            language: language, key: nil)
        }
        #expect(refused?.type == .replyBlocked && refused?.status == .unprocessableContent)
        #expect(refused?.errors.first?.detail == text && refused?.errors.first?.value == "idiot")
        #expect(refused?.headers[.contentLanguage] == language.rawValue)
      }
      let named = try await problem {
        _ = try await desk.desk.reply(
          .init(text: "see the file", fileNames: ["傻 逼.png"]), awaitsCustomer: false, on: ticket.id, by: "ann",
          key: nil)
      }
      #expect(named?.type == .replyBlocked)
      #expect(try await replies(desk, on: ticket.id) == [])
      #expect(try await desk.store.tickets.tickets([ticket.id])[ticket.id]?.version == ticket.version)
      let recorded = try await desk.store.interceptions.interceptions(before: nil, limit: 9).map(\.interception)
      #expect(recorded.count == 3 && recorded.allSatisfy { $0.isRefused && $0.sealed == nil && $0.queue == "parcels" })
    }
  }

  @Test func aWarningIsGivenOnceAndAnAcknowledgedReplyIsSentUnderTheSameKey() async throws {
    try await StaffedDesk.with(adding: Self.rules) { desk in
      let ticket = try await assigned(desk)
      let key = try RequestKey(IdempotencyKey("k-1"), scope: ["ann", ticket.id.description])
      let text = "This was your fault, I guarantee."
      let refused = try await problem {
        _ = try await desk.desk.reply(.init(text: text), awaitsCustomer: false, on: ticket.id, by: "ann", key: key)
      }
      #expect(refused?.type == .replyUnacknowledged)
      #expect(refused?.errors.map(\.value) == ["your fault"])
      #expect(refused?.errors.first?.remedy?.contains(#""acknowledge": ["blame"]"#) == true)
      let reply = ReplyInspector.Reply(text: text, acknowledged: ["blame"])
      let sent = try await desk.desk.reply(reply, awaitsCustomer: false, on: ticket.id, by: "ann", key: key)
      #expect(!sent.isRepetition)
      #expect(try await desk.desk.reply(reply, awaitsCustomer: false, on: ticket.id, by: "ann", key: key).isRepetition)
      #expect(try await replies(desk, on: ticket.id) == [text])
      let recorded = try await desk.store.interceptions.interceptions(before: nil, limit: 9).map(\.interception)
      #expect(recorded.map(\.message) == [sent.message, nil])
      #expect(recorded.map { $0.findings.map(\.rule) } == [["blame", "promises"], ["blame", "promises"]])
    }
  }

  @Test func ordinaryRepliesAndNotesAreNotRecorded() async throws {
    try await StaffedDesk.with(adding: Self.rules) { desk in
      let ticket = try await assigned(desk)
      _ = try await desk.desk.reply("We will help.", awaitsCustomer: false, on: ticket.id, by: "ann", key: nil)
      _ = try await desk.desk.note("called me an idiot", on: ticket.id, by: "ann", key: nil)
      #expect(try await desk.store.interceptions.interceptions(before: nil, limit: 9) == [])
    }
  }

  @Test func theTextIsKeptSealedAndReadByInspectorsOnly() async throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "keys-\(UUID())")
    defer { try? FileManager.default.removeItem(at: path) }
    try Data(ContactKeys.freshLine(name: "one").utf8).write(to: path)
    let file = try ContactKeyFile(path: path.path)
    try await StaffedDesk.serving(contactKeys: file, adding: Self.rules) { desk, client, url in
      let ticket = try await assigned(desk)
      func send(_ method: String, _ path: String, _ key: String, _ body: String? = nil) async throws -> (Int, String) {
        let response = try await client.send(
          HTTPClient.Request(
            method: method, url: url + path,
            headers: [
              "authorization": "Bearer \(key)", "content-type": "application/json", "accept-language": "zh-CN",
            ], body: Array((body ?? "").utf8)))
        return (response.status, String(decoding: response.body, as: UTF8.self))
      }
      let (agent, auditor) = (try await desk.key(.agent, agent: "ann"), try await desk.key(.auditor))
      let refused = try await send(
        "POST", "/v1/tickets/\(ticket.id)/replies", agent, #"{"text":"idiot swordfish","acknowledge":["insults"]}"#)
      #expect(refused.0 == 422 && refused.1.contains("urn:frontdesk:problem:reply-blocked"))
      #expect(refused.1.contains("请换一种说法。") && !refused.1.contains("swordfish"))
      let stored = try #require(await desk.store.interceptions.interceptions(before: nil, limit: 1).first).interception
      #expect(stored.sealed?.key == "one")
      let address = "/v1/interceptions/\(stored.id)/text"
      #expect(try await send("GET", address, agent).0 == 403)
      #expect(try await send("GET", "/v1/interceptions", agent).0 == 403)
      let list = try await send("GET", "/v1/interceptions", auditor)
      #expect(list.0 == 200 && list.1.contains(stored.id.description) && !list.1.contains("swordfish"))
      let read = try await send("GET", address, auditor)
      #expect(read.0 == 200 && read.1.contains("idiot swordfish"))
      let noted = try #require(
        await desk.store.audit.newestAuditEntries(ofKind: "interception.read", limit: 1).first)
      #expect(noted.subject == stored.id.description && !noted.detail.contains("swordfish"))
      let report = try await send("GET", "/v1/interceptions/report", auditor)
      #expect(report.0 == 200 && report.1.contains(#""refused":1"#))
      #expect(try await send("GET", "/v1/interceptions/report?from=never", auditor).0 == 422)
    }
  }
}
