import DeskCore
import Testing
import ZeroMQ

@testable import Intake

@Suite("ChannelRound")
struct ChannelRoundTests {
  private let users: [ChannelUser]

  init() throws {
    users = try (0..<3).map { number in
      let key = try #require(CurvePublicKey(bytes: [UInt8](repeating: UInt8(number), count: 32)))
      return ChannelUser(channel: "web", key: key)
    }
  }

  /// A request named by its id.
  private func post(_ id: UInt8, of user: Int, bytes: Int = 100) -> ChannelPost {
    ChannelPost(
      user: users[user], peer: [UInt8(user)],
      request: ChannelRequest(envelope: ChannelEnvelope([[id], [], []]), contentType: .json, body: []), bytes: bytes)
  }

  private func names(_ rounds: [ChannelRound]) -> [[UInt8]] {
    rounds.map { round in round.posts.flatMap(\.request.envelope.requestID) }
  }

  @Test("small requests of one sender share a round, in their order")
  func smallRequestsShareARound() {
    let rounds = ChannelRound.rounds(of: (1...5).map { post($0, of: 0) })
    #expect(names(rounds) == [[1, 2, 3, 4, 5]])
    #expect(rounds.map(\.bytes) == [500])
    #expect(names(ChannelRound.rounds(of: [])) == [])
  }

  @Test("senders take turns: the next round is another one's")
  func sendersTakeTurns() {
    let many = (0..<130).map { post(UInt8($0), of: 0, bytes: 1) }
    let rounds = ChannelRound.rounds(of: many + [post(200, of: 1), post(201, of: 2)] + [post(131, of: 0, bytes: 1)])
    #expect(rounds.map { $0.user } == [users[0], users[1], users[2], users[0], users[0]])
    #expect(rounds.map(\.posts.count) == [64, 1, 1, 64, 3])
    let order = names(rounds).flatMap { $0 }.filter { $0 < 200 }
    let sent: [UInt8] = Array(0..<130) + [131]
    #expect(order == sent)
  }

  @Test("a large request has a round of its own, and its sender's order is kept")
  func largeRequestsAreAlone() {
    let large = ChannelBounds.bytesPerRound
    let rounds = ChannelRound.rounds(of: [
      post(1, of: 0), post(2, of: 0, bytes: large), post(3, of: 0, bytes: 10 * large), post(4, of: 0), post(5, of: 0),
    ])
    #expect(names(rounds) == [[1], [2], [3], [4, 5]])
  }
}
