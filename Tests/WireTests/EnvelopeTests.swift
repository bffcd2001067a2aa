import Testing

@testable import Wire

@Suite struct EnvelopeTests {
  private let traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

  @Test func roundTrips() throws {
    for kind in Envelope.Kind.allCases {
      let envelope = Envelope(kind, batchID: 0x0102_0304_0506_0708, traceparent: traceparent, body: [1, 2, 3])
      #expect(try Envelope(frames: envelope.frames) == envelope)
    }
    let untraced = Envelope(.done, batchID: .max, body: [])
    #expect(try Envelope(frames: untraced.frames) == untraced)
  }

  @Test func framesMatchTheDocumentation() {
    let frames = Envelope(.work, batchID: 258, traceparent: traceparent, body: [9]).frames
    #expect(frames == [[1], [3], [0, 0, 0, 0, 0, 0, 1, 2], Array(traceparent.utf8), [9]])
  }

  @Test(arguments: [
    ([[UInt8]](), EnvelopeError.frameCount(0)),
    ([[1], [1], [], []], .frameCount(4)),
    ([[1], [1], [], [], [], []], .frameCount(6)),
    ([[2], [1], [UInt8](repeating: 0, count: 8), [], []], .version(2)),
    ([[], [1], [UInt8](repeating: 0, count: 8), [], []], .version(nil)),
    ([[1, 1], [1], [UInt8](repeating: 0, count: 8), [], []], .version(nil)),
    ([[1], [0], [UInt8](repeating: 0, count: 8), [], []], .type(0)),
    ([[1], [9], [UInt8](repeating: 0, count: 8), [], []], .type(9)),
    ([[1], [], [UInt8](repeating: 0, count: 8), [], []], .type(nil)),
    ([[1], [1], [1, 2, 3], [], []], .batchID(byteCount: 3)),
    ([[1], [1], [UInt8](repeating: 0, count: 8), [48, 48], []], .traceparent),
    ([[1], [1], [UInt8](repeating: 0, count: 8), [UInt8](repeating: 48, count: 55), []], .traceparent),
    (
      [[1], [2], [UInt8](repeating: 0, count: 8), [], [UInt8](repeating: 0, count: 1025)],
      .bodyTooLarge(byteCount: 1025, limit: 1024)
    ),
  ])
  func invalidFramesAreNamed(frames: [[UInt8]], expected: EnvelopeError) {
    #expect(throws: expected) { try Envelope(frames: frames) }
  }

  @Test(arguments: [
    "", "00", "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
    "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331_01",
  ])
  func anInvalidTraceContextIsNotSent(text: String) {
    #expect(Envelope(.work, batchID: 1, traceparent: text, body: []).traceparent.isEmpty)
  }
}
