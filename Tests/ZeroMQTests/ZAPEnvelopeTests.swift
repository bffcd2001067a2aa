import Testing

@testable import ZeroMQ

@Suite struct ZAPEnvelopeTests {
  private func frames(version: String = "1.0", mechanism: String, credentials: [[UInt8]]) -> [[UInt8]] {
    [[9], [], Array(version.utf8), [1], Array("links".utf8), Array("10.0.0.1".utf8), [], Array(mechanism.utf8)]
      + credentials
  }

  @Test func aCurveRequestCarriesTheKey() throws {
    let key = [UInt8](1...32)
    let envelope = try #require(ZAPEnvelope(frames(mechanism: "CURVE", credentials: [key])))
    #expect(envelope.request?.publicKey?.bytes == key)
    #expect(envelope.request?.domain == "links")
    #expect(envelope.request?.address == "10.0.0.1")
  }

  @Test(arguments: [
    ("1.0", "PLAIN", [[UInt8]]()), ("1.0", "CURVE", []), ("1.0", "CURVE", [[1, 2]]),
    ("2.0", "CURVE", [[UInt8](1...32)]),
  ])
  func unprovableIdentitiesAreRefusedUnasked(version: String, mechanism: String, credentials: [[UInt8]]) throws {
    let frames = frames(version: version, mechanism: mechanism, credentials: credentials)
    let envelope = try #require(ZAPEnvelope(frames))
    #expect(envelope.request == nil)
  }

  @Test func tooFewFramesAreNotARequest() {
    #expect(ZAPEnvelope([]) == nil)
    #expect(ZAPEnvelope([[1], [], [2]]) == nil)
  }

  @Test func theAnswerRepeatsTheRequestsIdentifiers() throws {
    let envelope = try #require(ZAPEnvelope(frames(mechanism: "NULL", credentials: [])))
    let user = try #require(UserID("intake"))
    let answer = envelope.answer(.accepted(user))
    #expect(answer[0] == [9] && answer[1].isEmpty && answer[3] == [1])
    #expect(answer[4] == Array("200".utf8) && answer[6] == Array("intake".utf8))
    #expect(envelope.answer(.refused)[4] == Array("400".utf8))
    #expect(envelope.answer(.busy)[4] == Array("300".utf8))
  }
}
