import Foundation
import NIOCore
import PostgreSQL
import TestKit
import Testing

@testable import LoadTesting

/// One hostile client for each known attack, on a whole desk. Meanwhile an innocent one with its own key from the same address
/// must be served, and the services must stay within their memory limits.
@Suite("Hostile clients", .serialized, .timeLimit(.minutes(6)))
struct HostileClientTests {
  /// How long hostile traffic lasts, where it does not end on its own.
  private static let assault = Duration.seconds(6)
  /// Kilobytes by which intake may grow under one hostile key, over HTTP and ZeroMQ: its budget for bodies and their overhead.
  private static let growthMaximum = 160 << 10
  /// Connections allowed per address (`http-connections-per-address`), and those of the innocent client.
  private static let connectionsMaximum = 1100
  /// Concurrent requests of a flooding key: with `ChaosBounds.floodBatch` messages each, nearly as many as one key may have pending.
  private static let floodingRequests = 24
  /// How often a wrong key is tried: many times the limit of an address.
  private static let wrongKeysPerSecond = 100

  @Test("missing or locked rows delay no other messages")
  func poisonedRows() async throws {
    try await onDesk { desk, keys, innocent in
      let database = PostgresPool(
        try PostgresConfiguration(try #require(try desk.description()["postgres"] as? String)),
        limits: PostgresPoolLimits(connectionsMaximum: 2))
      let deleted = (0..<2).map { #"{"id":"gone-\#($0)","customer":"gone-\#($0)","text":"Where is it?"}"# }
      let sent = try await post(deleted, keys)
      #expect(sent.allSatisfy { $0 == "accepted" })
      try await database.executeScript(
        """
        DELETE FROM desk.message USING desk.message_key AS k
         WHERE desk.message.id = k.message_id AND k.external_id IN ('gone-0', 'gone-1')
        """)
      let measurement = try await innocent.meanwhile {
        async let locked: Void = database.executeScript(
          """
          BEGIN;
          SELECT 1 FROM desk.open_ticket WHERE customer IN ('gone-0', 'gone-1') FOR UPDATE;
          SELECT pg_sleep(4);
          COMMIT;
          """)
        let end = ContinuousClock.now + Self.assault
        var round = 0
        while ContinuousClock.now < end {
          round += 1
          let neighbours = (0..<97).map {
            #"{"id":"beside-\#(round)-\#($0)","customer":"beside-\#(round)-\#($0)","text":"Where is it?"}"#
          }
          // The same ids again, and more from the customers whose rows are locked.
          let locked = (0..<2).map { #"{"id":"more-\#(round)-\#($0)","customer":"gone-\#($0)","text":"Well?"}"# }
          let fates = try await post(neighbours + deleted + locked, keys)
          #expect(fates.prefix(97).allSatisfy { $0 == "accepted" }, "round \(round): \(Set(fates))")
        }
        try await locked
      }
      await database.shutdown()
      return measurement
    }
  }

  @Test("connections that never read, and thousands from one address, do not lock out other clients")
  func connections() async throws {
    let limits = ["FRONTDESK_HTTP_ANSWER_TIMEOUT": "3s", "FRONTDESK_HTTP_IDLE_TIMEOUT": "5s"]
    try await onDesk(environment: limits) { desk, keys, innocent in
      let deaf = RudeConnections(port: keys.intakePort)
      let flood = RudeConnections(port: keys.intakePort, from: "127.0.0.2")
      let measurement = try await innocent.meanwhile {
        let opened = await flood.open(ChaosBounds.floodConnections)
        #expect(opened > Self.connectionsMaximum, "the flood opened only \(opened) connections")
        // The kernel completes handshakes before intake accepts, or refuses, what they opened.
        try await eventually("the acceptance of every connection of the flood", every: .milliseconds(20)) {
          Self.waitingForAcceptance(port: keys.intakePort) == 0
        }
        let held = Self.established(port: keys.intakePort, from: "127.0.0.2")
        #expect(held <= Self.connectionsMaximum, "one address holds \(held) connections")
        // A new client from another address than the flood is admitted.
        let newcomer = try await InnocentClient(desk, label: "newcomer")
        let served = await newcomer.undisturbed()
        await newcomer.close()
        #expect(served.refusals.isEmpty, "\(served.refusals.prefix(3))")
        await flood.end()
        await deaf.open(
          ChaosBounds.deafConnections, sending: HostileTraffic.unreadRequests(ChaosBounds.deafRequests))
        try await eventually("the end of the connections that never read", every: .milliseconds(100)) {
          Self.established(port: keys.intakePort) <= 4
        }
      }
      await deaf.end()
      return measurement
    }
  }

  @Test("unfinished bodies and many large frames stay within a memory budget")
  func memory() async throws {
    try await onDesk { desk, keys, innocent in
      let intake = try #require(try desk.processes(of: "intake").values.first)
      let before = ProcessMemory.residentKilobytes(of: "\(intake)")
      let bodies = RudeConnections(port: keys.intakePort)
      let (endpoint, server, curve) = (keys.channelEndpoint, keys.server, keys.curve)
      let measurement = try await innocent.meanwhile {
        await bodies.open(
          ChaosBounds.unfinishedRequests,
          sending: HostileTraffic.unfinishedRequest(key: keys.channel, bodyBytes: ChaosBounds.unfinishedBytes))
        try await Task.sleep(for: Self.assault / 2)
        let unfinished = ProcessMemory.residentKilobytes(of: "\(intake)") - before
        #expect(unfinished > -before, "intake is not running")
        #expect(unfinished < Self.growthMaximum, "intake grew by \(unfinished) kB under unfinished bodies")
        await bodies.end()
        try await ManyFrames.with(endpoint: endpoint, server: server, keys: curve) { frames in
          let sending = Task {
            try await frames.flood(
              ChaosBounds.framedMessages, frames: ChaosBounds.framesOfOne, ofBytes: ChaosBounds.frameBytes)
          }
          try await Task.sleep(for: Self.assault / 2)
          sending.cancel()
          _ = await sending.result
        }
        let framed = ProcessMemory.residentKilobytes(of: "\(intake)") - before
        #expect(framed > -before, "intake is not running")
        #expect(framed < Self.growthMaximum, "intake grew by \(framed) kB under messages of many frames")
      }
      return measurement
    }
  }

  @Test("wrong keys do not lock out bearers of valid keys")
  func wrongKeys() async throws {
    try await onDesk { _, keys, innocent in
      let url = "http://127.0.0.1:\(keys.intakePort)"
      return try await innocent.meanwhile {
        let flood = Task { try await HostileTraffic.wrongKeys(at: url, perSecond: Self.wrongKeysPerSecond) }
        try await Task.sleep(for: Self.assault)
        flood.cancel()
        try await flood.value
      }
    }
  }

  /// In a shared queue with the flood, each message would wait as long as the flood's own requests do.
  @Test("one key's flood delays no other key's messages")
  func keyFlood() async throws {
    try await onDesk { _, keys, innocent in
      let url = "http://127.0.0.1:\(keys.intakePort)"
      let flood = Task {
        try await HostileTraffic.messages(
          at: url, key: keys.channel, connections: Self.floodingRequests, prefix: "flood-")
      }
      var measurement = try await innocent.meanwhile { try await Task.sleep(for: Self.assault * 3) }
      flood.cancel()
      measurement.medianLimit = InnocentClient.Measurement.median(of: try await flood.value) / 2
      return measurement
    }
  }

  // MARK: The desk

  /// Runs an attack on a private desk, and expects the innocent client to be served throughout.
  private func onDesk(
    environment: [String: String] = [:], sourceLocation: SourceLocation = #_sourceLocation,
    _ assault: (RunningDesk, ClientKeys, InnocentClient) async throws -> InnocentClient.Measurement
  ) async throws {
    try await RunningDesk.with(environment: environment) { desk in
      let keys = try ClientKeys(desk)
      let innocent = try await InnocentClient(desk)
      let calm = await innocent.undisturbed()
      #expect(calm.refusals.isEmpty, "\(calm.refusals.prefix(3))", sourceLocation: sourceLocation)
      let before = try desk.processes(of: "intake")
      let measurement = try await assault(desk, keys, innocent)
      await innocent.close()
      #expect(try desk.processes(of: "intake") == before, "intake was replaced", sourceLocation: sourceLocation)
      print(
        "innocent client: p99 \(measurement.p99), median \(measurement.median) of \(measurement.waits.count);",
        "without hostile clients: p99 \(calm.p99)")
      let limit = max(InnocentClient.limit, calm.p99 * InnocentClient.noise)
      #expect(measurement.waits.count > 20, sourceLocation: sourceLocation)
      #expect(
        measurement.refusals.isEmpty,
        "\(measurement.refusals.count) refused, \(measurement.waits.count) accepted: \(measurement.refusals.prefix(3))",
        sourceLocation: sourceLocation)
      if let medianLimit = measurement.medianLimit {
        #expect(
          measurement.median < medianLimit, "p99 \(measurement.p99), without hostile clients \(calm.p99)",
          sourceLocation: sourceLocation)
      } else {
        #expect(
          measurement.p99 < limit, "p99 \(measurement.p99), without hostile clients \(calm.p99)",
          sourceLocation: sourceLocation)
      }
    }
  }

  /// Sends messages with the channel's key.
  /// - Returns: the fate of each; the answer's status for each where the request was refused as a whole.
  private func post(_ messages: [String], _ keys: ClientKeys) async throws -> [String] {
    let body = "[" + messages.joined(separator: ",") + "]"
    let head =
      "POST /v1/messages HTTP/1.1\r\nHost: desk\r\nAuthorization: Bearer \(keys.channel)\r\n"
      + "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
    let answer = try await ClientConnection.exchange(port: keys.intakePort, Array((head + body).utf8))
    let object = try? JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any]
    let results = object?["results"] as? [[String: Any]]
    return results?.map { result in
      let problem = (result["problem"] as? [String: Any])?["type"] as? String
      return (result["status"] as? String ?? "none") + (problem.map { " " + $0 } ?? "")
    }
      ?? Array(repeating: "\(answer.status)", count: messages.count)
  }

  /// The sockets with a local port in the kernel's table of this machine, a row of words each (proc(5), /proc/net/tcp).
  private static func sockets(port: Int) -> [[Substring]] {
    let wanted = ":" + String(port, radix: 16, uppercase: true)
    return ["tcp", "tcp6"].flatMap { ListeningPorts.text(of: "/proc/net/\($0)").split(separator: "\n").dropFirst() }
      .map { $0.split(separator: " ") }.filter { $0.count > 4 && $0[1].hasSuffix(wanted) }
  }

  /// Connections to a port that the kernel has completed and its process has not accepted yet: of a listening socket, `rx_queue` is their
  /// number.
  private static func waitingForAcceptance(port: Int) -> Int {
    sockets(port: port).filter { $0[3] == "0A" }
      .reduce(0) { $0 + ($1[4].split(separator: ":").last.flatMap { Int($0, radix: 16) } ?? 0) }
  }

  /// Returns the number of established connections at a port of this machine, from the server side of the kernel's table.
  /// - Parameter address: the remote address; nil for all.
  private static func established(port: Int, from address: String? = nil) -> Int {
    // In the kernel's notation on little-endian machines.
    let other = address.map { text in
      text.split(separator: ".").reversed().compactMap { UInt8($0) }
        .map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined()
    }
    return sockets(port: port).count { socket in
      socket[3] == "01" && (other.map { socket[2].hasPrefix($0 + ":") } ?? true)
    }
  }
}
