import DeskCore
import SwiftProtobuf
import TestKit
import Testing
import Wire

@testable import Intake

/// Frames of links and of channels.
@Suite("Frames from untrusted peers")
struct FrameFuzzTests {
  private static let identifiers = (0..<3).compactMap { ItemID(bytes: [UInt8](repeating: $0, count: 16)) }

  private static let good: [[[UInt8]]] = messages.compactMap { try? $0.envelope(batchID: 9).frames }

  private static let messages: [LinkFrame] = [
    .hello(
      .with {
        $0.instanceID = "one"
        $0.service = "router"
      }), .credit(7), .done(identifiers), .nack(identifiers, reason: "busy"), .heartbeat(held: 3), .drain,
    .bye(reason: "done"),
    .work([item]),
  ]

  private static var item: LinkItem {
    var content = LinkItem.Content()
    content.text = "where is it"
    return LinkItem(identifiers[0], content)
  }

  private static let tokens: [[UInt8]] = [
    [0], [1], [0xFF, 0xFF, 0xFF, 0xFF, 0x0F], [0x0A, 0xFF, 0xFF, 0xFF, 0x7F],
    [0x0A, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01],
    [UInt8](repeating: 0x80, count: 11), [0x0B], [0x0C], [0x07], Array("application/json".utf8),
  ]

  @Test("link frames survive a round trip")
  func linkFramesSurviveARoundTrip() throws {
    #expect(FrameFuzzTests.good.count == 8)
    var read = 0
    // The frames of a message as one text, split where a byte says so: so that their number and borders change too.
    let corpus = FrameFuzzTests.good.map { frames in frames.flatMap { [UInt8(clamping: $0.count)] + $0.prefix(255) } }
    try FuzzRun.run(Mutator(seed: FuzzRun.seed, corpus: corpus, words: FrameFuzzTests.tokens)) { input, number in
      guard let frame = try? LinkFrame(frames: FrameFuzzTests.frames(of: input)) else { return }
      read += 1
      let again = try LinkFrame(frames: frame.envelope(batchID: UInt64(number)).frames)
      FuzzRun.demand(again == frame, "a written frame is read as something else", input: number)
    }
    #expect(read > 0, "some inputs are good enough to reach the next parsers: \(read)")
  }

  @Test("a channel's frames are a request within limits, or a fault that can be answered")
  func channelFramesAreReadOrRefused() {
    let body = Array(#"{"id":"m","customer":"c","text":"t"}"#.utf8)
    let corpus = [["1", "application/json"], ["", "1", "application/x-protobuf"]].map { names in
      (names.map { Array($0.utf8) } + [body]).flatMap { [UInt8(clamping: $0.count)] + $0 }
    }
    FuzzRun.run(Mutator(seed: FuzzRun.seed &+ 1, corpus: corpus, words: FrameFuzzTests.tokens)) { input, number in
      let frames = FrameFuzzTests.frames(of: input)
      switch ChannelRequest.read(frames, isTruncated: number % 64 == 0) {
      case .success(let request):
        FuzzRun.demand(
          request.envelope.requestID.count <= IntakeBounds.requestIDBytes
            && request.body.count <= IntakeBounds.bodyBytes,
          "a request beyond its limits", input: number)
        if request.contentType == .protobuf { _ = try? RequestReader.protobuf(request.body, channel: "web") }
      case .failure(let fault):
        FuzzRun.demand(fault.envelope.frames("x", []).count >= 3, "no answer", input: number)
      }
    }
  }

  private static func frames(of input: [UInt8]) -> [[UInt8]] {
    var frames: [[UInt8]] = []
    var rest = input[...]
    while let length = rest.popFirst(), frames.count < 64 {
      frames.append(Array(rest.prefix(Int(length))))
      rest = rest.dropFirst(Int(length))
    }
    return frames
  }
}
