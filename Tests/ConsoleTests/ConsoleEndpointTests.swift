import DeskCore
import HTTPService
import HTTPTypes
import Hummingbird
import Observability
import TestKit
import TestService
import Testing

@testable import Console
@testable import Store

@Suite struct ConsoleEndpointTests {
  @Test func everyEndpointIsListedOnce() {
    let table = ConsoleEndpoint.table
    #expect(Set(table.map(\.name)) == Set(ConsoleEndpoint.Name.allCases))
    #expect(table.count == ConsoleEndpoint.Name.allCases.count)
    #expect(Set(table.map { "\($0.method) \($0.path)" }).count == table.count)
  }

  @Test func channelsHaveNoAccessAndAuditorsOnlyRead() {
    for endpoint in ConsoleEndpoint.table {
      #expect(!endpoint.roles.contains(.channel))
      #expect(endpoint.roles.isEmpty == endpoint.isPublic)
      // Everybody may end sessions of their own.
      if endpoint.method != .get, ![.signOut, .endSession].contains(endpoint.name) {
        #expect(!endpoint.roles.contains(.auditor), "\(endpoint.name)")
      }
    }
  }

  @Test func agentEndpointsRequireAnAgentsKey() {
    for endpoint in ConsoleEndpoint.table
    where endpoint.path.contains("/agents/me") || endpoint.path.contains("/offers/") {
      #expect(endpoint.roles == [.agent, .lead], "\(endpoint.name)")
    }
  }

  @Test func theDescriptionNamesEveryPath() throws {
    let check = try #require(OpenAPICheck(ConsoleOpenAPI.document.json))
    #expect(
      check.operations == Set(ConsoleEndpoint.table.map { "\($0.method.rawValue) \($0.path)" } + ["GET /openapi.json"]))
  }

  @Test func everyReferenceOfTheOpenAPIDocumentResolves() throws {
    let check = try #require(OpenAPICheck(ConsoleOpenAPI.document.json))
    #expect(check.danglingReferences == [])
    #expect(check.unusedComponents == [])
  }

  @Test func everyParameterOfAPathIsDescribed() {
    for endpoint in ConsoleEndpoint.table {
      let described = endpoint.operation.parameters.filter { $0.place == .path }
      #expect(described.count == endpoint.path.filter { $0 == "{" }.count, "\(endpoint.name)")
    }
  }

  @Test func everyServedRouteIsDescribed() async throws {
    try await StaffedDesk.with { desk in
      let served = desk.routes.router(metrics: MetricsRegistry()).described
      let check = try #require(OpenAPICheck(ConsoleOpenAPI.document.json))
      let pages = Set(PageRoutes.paths.map { "GET \($0)" })
      #expect(check.operations.union(pages) == served)
      #expect(check.operations.isDisjoint(with: pages))
    }
  }
}

@Suite struct CallerGuardTests {
  private func status(_ authorization: String?, role: Role?, for name: ConsoleEndpoint.Name, access: KeyAccess = .full)
    async throws -> Int
  {
    let endpoint = try #require(ConsoleEndpoint.table.first { $0.name == name })
    let key = role.map { role in
      APIKey(
        id: Identifier(high: 1, low: 2), role: role, channel: nil, agent: role == .agent ? "ann" : nil, label: "test",
        createdAt: Instant(microseconds: 0), expiresAt: nil, revokedAt: nil, access: access)
    }
    do {
      let keys = KeyGuard { digests in
        Dictionary(uniqueKeysWithValues: key.map { key in digests.map { ($0, key) } } ?? [])
      }
      var request = HTTPRequest(method: endpoint.method, scheme: "http", authority: "desk", path: endpoint.path)
      request.headerFields[.authorization] = authorization
      _ = try await CallerGuard(keys: keys) { _ in [:] }.caller(of: request, for: endpoint)
      return 200
    } catch let problem as HTTPProblem {
      return problem.status.code
    }
  }

  @Test(arguments: [nil, "", "Basic abc", "Bearer", "Bearer short", "Bearer with a blank in it, which no key has"])
  func requestsWithoutAKeyAreRefused(authorization: String?) async throws {
    #expect(try await status(authorization, role: .agent, for: .readMe) == 401)
  }

  @Test func unknownKeysAreRefused() async throws {
    #expect(try await status("Bearer 0123456789abcdef", role: nil, for: .readMe) == 401)
  }

  @Test func readOnlyKeysCannotChangeAnything() async throws {
    func status(_ name: ConsoleEndpoint.Name) async throws -> Int {
      try await self.status("Bearer 0123456789abcdef", role: .lead, for: name, access: .read)
    }
    let ofLeads = ConsoleEndpoint.table.filter { $0.roles.contains(.lead) }
    #expect(ofLeads.contains { $0.method == .get } && ofLeads.contains { $0.method != .get })
    for endpoint in ofLeads {
      #expect(try await status(endpoint.name) == (endpoint.method == .get ? 200 : 403), "\(endpoint.name)")
    }
  }

  @Test func aKeyOfAnotherRoleIsRefused() async throws {
    #expect(try await status("Bearer 0123456789abcdef", role: .auditor, for: .resolve) == 403)
    #expect(try await status("bearer 0123456789abcdef", role: .agent, for: .resolve) == 200)
    #expect(try await status("Bearer 0123456789abcdef", role: .agent, for: .listQueues) == 403)
  }
}
