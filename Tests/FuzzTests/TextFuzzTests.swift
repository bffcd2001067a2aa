import DeskCore
import Foundation
import PolicyReading
import TestKit
import Testing
import UntrustedInput

@testable import Intake

/// JSON, NDJSON and Protocol Buffers of channels, and the policy file.
@Suite("Text from untrusted senders")
struct TextFuzzTests {
  private static let bodies = [
    #"{"id":"m1","customer":"ann","text":"My parcel 包裹 \u00e9 \ud83d\ude00","subject":null,"sent_at":"2026-02-28T10:00:00Z"}"#,
    #"[{"id":"a","customer":"c","text":"t","attributes":{"k":"v"},"attachments":[{"url":"https://example.com/a"}]},{}]"#,
    "{\"id\":\"1\",\"customer\":\"c\",\"text\":\"t\"}\n\n{\"id\":\"2\",\"customer\":\"c\",\"text\":\"t\\n\"}\n",
    #"[1e308,-0.0,1E-400,true,false,null,"",[[[[]]]],{"":{"":{}}}]"#,
  ].map { Array($0.utf8) }

  private static let tokens =
    [
      "[", "]", "{", "}", "\"", "\\", "\\u", "\\ud800", "\\u0000", ":", ",", "null", "true", "1e999", "-", "0x",
      "\u{FEFF}", "\n",
      #"{"a":"#, #"[["#, #""text":"#, #""customer":"#, "9999999999999999999999", "é", "包", "2026-13-45T99:99:99Z",
    ].map { Array($0.utf8) } + [[0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE4, 0xBD]]

  @Test("a body is read into messages within limits, or refused without quoting its text")
  func bodiesAreReadOrRefused() {
    let mutator = Mutator(seed: FuzzRun.seed &+ 2, corpus: TextFuzzTests.bodies, words: TextFuzzTests.tokens)
    var drafts = 0
    FuzzRun.run(mutator) { input, number in
      input.withUnsafeBufferPointer { buffer in
        for isLines in [false, true] {
          let read: Result<ReadRequest, BodyFault> = Result { () throws(BodyFault) in
            if isLines {
              try RequestReader.lines(buffer, channel: "web")
            } else {
              try RequestReader.json(buffer, channel: "web", requestKey: "k")
            }
          }
          switch read {
          case .success(let request):
            FuzzRun.demand(
              (1...IntakeBounds.messagesPerRequest).contains(request.messages.count), "too many messages", input: number
            )
            for message in request.messages {
              guard case .success(let draft) = message.result else { continue }
              drafts += 1
              FuzzRun.demand(
                (1...IntakeBounds.textCharacters).contains(draft.text.unicodeScalars.count)
                  && !draft.text.unicodeScalars.contains("\0"), "text beyond its limit", input: number)
            }
          case .failure(let fault):
            FuzzRun.demand(!fault.detail.isEmpty && !fault.remedy.isEmpty, "a fault without a text", input: number)
          }
        }
      }
      _ = try? RequestReader.protobuf(input, channel: "web")
    }
    #expect(drafts > 0, "some inputs reach the rules")
  }

  @Test("other readers accept the JSON that we accept")
  func otherReadersAcceptOurJSON() {
    let mutator = Mutator(seed: FuzzRun.seed &+ 3, corpus: TextFuzzTests.bodies, words: TextFuzzTests.tokens)
    FuzzRun.run(mutator, share: 4) { input, number in
      let isOurs = input.withUnsafeBufferPointer { buffer in (try? JSONScanner.scan(buffer: buffer)) != nil }
      guard isOurs else { return }
      let isTheirs = (try? JSONSerialization.jsonObject(with: Data(input), options: .fragmentsAllowed)) != nil
      // Foundation refuses numbers that no Double can represent; we keep them as written.
      let hasGreatNumber = input.contains(UInt8(ascii: "e")) || input.contains(UInt8(ascii: "E"))
      FuzzRun.demand(isTheirs || hasGreatNumber, "others refuse this JSON", input: number)
    }
  }

  @Test("a policy is read, or its mistakes are reported with their places")
  func policiesAreReadOrReported() throws {
    let project = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let sample = Array(try Data(contentsOf: project.appendingPathComponent("deploy/desk.yaml")))
    let small = Array(
      """
      version: 1
      queues:
        general: {}
      rules:
        - { name: rest, queue: general }
      default_queue: general
      triage: { queue: general, below: 0.35 }
      agents:
        - { id: ann, capacity: 4 }
      teams:
        care: {}
      channels:
        web: { reopen_window: 1h }

      """.utf8)
    let tokens =
      [
        "&a ", "*a", "<<: *a", "? ", "- ", ": ", "|\n", ">-\n", "!!binary ", "!!int ", "{", "[", "}", "]", "\"", "'",
        "%YAML 9\n",
        "---\n", "...\n", "\t", "  ", "99999999999999999999", "-1", ".inf", ".nan", "0o7", "1e9", "null", "~", "web",
        "ann", "#",
      ].map { Array($0.utf8) } + [[0xFF], [0], [0xEF, 0xBB, 0xBF]]
    let mutator = Mutator(seed: FuzzRun.seed &+ 4, corpus: [small, small, small, sample], words: tokens)
    #expect(throws: Never.self) { try PolicyDocument(bytes: small, version: 1, environment: [:]) }
    FuzzRun.run(mutator, share: 4) { input, number in
      do throws(PolicyMistakes) {
        _ = try PolicyDocument(bytes: input, version: 1, environment: [:])
      } catch {
        FuzzRun.demand(!error.text(file: "desk.yaml").isEmpty, "a mistake without a text", input: number)
      }
    }
  }
}
