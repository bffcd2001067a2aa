import Foundation
import HTTPService
import Testing
import ZeroMQ

/// The matrix against a running desk.
@Suite("Access control", .serialized)
struct AuthorisationTests {
  private typealias Matrix = AuthorisationMatrix

  @Test("admits the callers in the matrix at every endpoint, and has no other endpoints", .timeLimit(.minutes(5)))
  func endpoints() async throws {
    // So many wrong keys from one address would be refused for their number.
    try await RunningDesk.with(environment: ["FRONTDESK_ADDRESS_REFUSALS_PER_SECOND": "0"]) { desk in
      let clients = try ClientKeys(desk)
      let keys = try await DoorKeys(desk)
      #expect(try await described(clients.intakePort) == rows(Matrix.intake))
      #expect(try await described(clients.consolePort) == rows(Matrix.console))
      #expect(Set(OperationsServer.paths.map { "GET \($0)" }) == rows(Matrix.operations))
      try await knock(Matrix.intake, at: clients.intakePort, keys, "intake")
      try await knock(Matrix.console, at: clients.consolePort, keys, "console")
      for (name, port) in try operationsPorts(of: desk) {
        try await knock(Matrix.operations, at: port, keys, name)
      }
      await keys.close()
    }
  }

  @Test(
    "completes the handshakes in the matrix at every socket, and listens nowhere else", .timeLimit(.minutes(5)))
  func sockets() async throws {
    try await RunningDesk.with { desk in
      let clients = try ClientKeys(desk)
      let keys = try await DoorKeys(desk)
      let registered = try await keys.registeredSockets()
      let known = Set(registered.map { "\($0.service) \($0.kind)" }).union(["intake channel"])
      #expect(known == Set(Matrix.sockets.map { "\($0.service) \($0.kind.rawValue)" }))
      for row in Matrix.sockets {
        let (endpoint, server) =
          if let socket = registered.first(where: { $0.service == row.service && $0.kind == row.kind.rawValue }) {
            (socket.endpoint, try #require(CurvePublicKey(bytes: socket.key)))
          } else {
            (clients.channelEndpoint, clients.server)
          }
        for caller in Matrix.Caller.allCases {
          try await keys.registerInstances()
          let isLetIn = try await HandshakeProbe.isLetIn(
            at: endpoint, as: row.kind == .hint ? .subscriber : .dealer,
            security: try security(of: caller, keys, server: server))
          #expect(isLetIn == row.letsIn.contains(caller), "\(row.service) \(row.kind) and \(caller)")
        }
      }
      try expectNoOtherDoors(desk, clients, registered)
      await keys.close()
    }
  }

  // MARK: HTTP

  private func rows(_ endpoints: [Matrix.Endpoint]) -> Set<String> {
    Set(endpoints.map { "\($0.method) \($0.path)" })
  }

  /// Reads a service's description of itself.
  private func described(_ port: Int) async throws -> Set<String> {
    let answer = try await ask("GET", "/openapi.json", key: nil, port: port)
    let document = try #require(try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any])
    let paths = try #require(
      document["paths"] as? [String: [String: Any]], "port \(port) answers \(answer.status): \(answer.text)")
    return Set(paths.flatMap { path, methods in methods.keys.map { "\($0.uppercased()) \(path)" } })
  }

  private func knock(_ endpoints: [Matrix.Endpoint], at port: Int, _ keys: DoorKeys, _ name: String) async throws {
    for endpoint in endpoints {
      let path = endpoint.path.replacing("{id}", with: UUID().uuidString.lowercased())
        .replacing("{channel}", with: "web").replacing("{customer}", with: "unknown")
      for bearer in Matrix.Bearer.allCases {
        let status = try await ask(endpoint.method, path, key: keys.bearers[bearer], port: port).status
        #expect(
          status == endpoint.status(for: bearer),
          "\(name): \(endpoint.method) \(endpoint.path) answers \(status) to \(bearer)")
      }
    }
  }

  private func ask(_ method: String, _ path: String, key: String?, port: Int) async throws -> ClientConnection.Answer {
    let bearer = key.map { "Authorization: Bearer \($0)\r\n" } ?? ""
    let length = method == "GET" ? "" : "Content-Length: 0\r\n"
    let head = "\(method) \(path) HTTP/1.1\r\nHost: desk\r\n\(bearer)\(length)\r\n"
    return try await ClientConnection.exchange(
      port: port, Array(head.utf8), readsBody: !path.hasSuffix("/stream"))
  }

  private func operationsPorts(of desk: RunningDesk) throws -> [String: Int] {
    let processes = try #require(try desk.description()["processes"] as? [[String: Any]])
    var ports: [String: Int] = [:]
    for process in processes {
      guard let name = process["name"] as? String, let text = process["operations_url"] as? String else { continue }
      ports[name] = try #require(URL(string: text)?.port)
    }
    #expect(ports.count >= 6, "every service has an operations port")
    return ports
  }

  // MARK: Sockets

  private func security(
    of caller: Matrix.Caller, _ keys: DoorKeys, server: CurvePublicKey
  ) throws -> SocketOptions.Security {
    guard let own = keys.callers[caller] else { return .none }
    let expected = caller == .misled ? try CurveKeyPair.generate().publicKey : server
    return .curveClient(keys: own, server: expected)
  }

  /// Checks that every port on which a process of the desk accepts connections was tested, and is on loopback.
  private func expectNoOtherDoors(
    _ desk: RunningDesk, _ clients: ClientKeys, _ registered: [RegisteredSocket]
  ) throws {
    var known = [clients.intakePort: "intake", clients.consolePort: "console", clients.channelPort: "intake channel"]
    for socket in registered { known[try #require(socket.port)] = "\(socket.service) \(socket.kind)" }
    for (name, port) in try operationsPorts(of: desk) { known[port] = "\(name) operations" }
    let processes = try #require(try desk.description()["processes"] as? [[String: Any]])
    var found: Set<Int> = []
    for process in processes {
      let (name, id) = (process["name"] as? String ?? "", try #require(process["process_id"] as? Int))
      for (port, isLoopback) in try ListeningPorts.of(process: Int32(id)) {
        #expect(known[port] != nil, "\(name) listens on \(port), which is in no row")
        #expect(isLoopback, "\(name) listens on \(port) beyond this machine")
        found.insert(port)
      }
    }
    let silent = known.filter { !found.contains($0.key) }.map(\.value)
    #expect(silent.isEmpty, "every row was tested at a listening socket")
  }
}
