import DeskCore
import TestKit
import Testing

@testable import Intake

/// A malicious key: what intake holds for it is bounded, and others are served.
@Suite(.timeLimit(.minutes(3))) struct HostileSenderTests {
  /// Offers unfinished bodies of the largest size over many connections, until no more than `held` are open or nothing is read for long.
  /// - Returns: by how many kilobytes the process grew at most, and the answers of those that were refused.
  private static func offerUnfinishedBodies(
    _ connections: Int, key: String, to port: Int, untilOnly held: Int
  ) throws -> (growth: Int, refused: Int) {
    let before = ProcessMemory.residentKilobytes()
    let size = IntakeBounds.bodyBytes
    let head = Array(
      "POST /v1/messages HTTP/1.1\r\nHost: desk\r\nAuthorization: Bearer \(key)\r\nContent-Type: application/json\r\nContent-Length: \(size)\r\n\r\n"
        .utf8)
    // One byte less than declared; all connections send the same bytes.
    let request = head + [UInt8](repeating: 0x20, count: size - 1)
    var open: [(connection: RawConnection, sent: Int)] = try (0..<connections).map { _ in
      (try RawConnection(to: port), 0)
    }
    var (growth, refused, idle) = (0, 0, 0)
    while open.count > held, idle < 600 {
      var hasMoved = false
      for index in open.indices.reversed() {
        let (connection, sent) = open[index]
        guard let count = connection.sendSome(request[sent...]), !connection.hasAnswer(within: 0) else {
          refused += 1
          open.remove(at: index)
          hasMoved = true
          continue
        }
        open[index].sent += count
        hasMoved = hasMoved || count > 0
      }
      growth = max(growth, ProcessMemory.residentKilobytes() - before)
      idle = hasMoved ? 0 : idle + 1
      // Gives the server some time; returns at once when there is an answer.
      if !hasMoved { _ = open.first?.connection.hasAnswer(within: 50) }
    }
    return (growth, refused)
  }

  @Test("unfinished requests of one key use bounded memory, and others are served in the meantime")
  func unfinishedRequestsUseBoundedMemory() async throws {
    try await ServedIntake.with { intake in
      let flood = Task {
        try await RawConnection.blocking {
          try Self.offerUnfinishedBodies(100, key: "a-hostile-key-of-some-length", to: intake.port, untilOnly: 4)
        }
      }
      for number in 0..<20 {
        let answer = try await intake.post(
          Array(#"{"id":"innocent-\#(number)","customer":"cara","text":"hello"}"#.utf8))
        #expect(answer.status == 202)
      }
      let outcome = try await flood.value
      // 400 MiB were offered. A key may have 16 MiB; buffers grow by doubling, and the process's other memory is measured, too.
      #expect(outcome.growth < 160 << 10, "\(outcome.growth >> 10) MiB")
      #expect(outcome.refused > 50, "\(outcome.refused) of 100 were refused")
      let after = try await intake.post(Array(#"{"id":"after","customer":"cara","text":"hello"}"#.utf8))
      #expect(after.status == 202)
    }
  }

  @Test("a wrong key's body is not read")
  func doesNotReadBodiesWithWrongKeys() async throws {
    try await ServedIntake.with { intake in
      let outcome = try await RawConnection.blocking {
        try Self.offerUnfinishedBodies(20, key: ServedIntake.wrongKey, to: intake.port, untilOnly: 0)
      }
      #expect(outcome.refused == 20)
      #expect(outcome.growth < 60 << 10, "\(outcome.growth >> 10) MiB")
    }
  }
}
