import Crypto
import Curl
import DeskCore
import Foundation
import HTTPTypes
import Store
import Testing

@testable import Console

/// Signing in with a link, and what a session's cookie may do.
@Suite struct SessionTests {
  /// A browser: it keeps the cookie and says which page causes a request.
  private final class Browser {
    let client: HTTPClient
    let url: String
    var cookie: String?

    init(_ client: HTTPClient, _ url: String) {
      self.client = client
      self.url = url
    }

    func ask(
      _ method: String, _ path: String, _ body: String = "", site: String? = "same-origin", origin: String? = nil,
      key: String? = nil
    ) async throws -> (status: Int, body: JSONValue?, cookie: String?) {
      var headers = HTTPHeaders()
      if let cookie { headers.add(name: "cookie", value: "other=1; \(cookie)") }
      if let site { headers.add(name: "sec-fetch-site", value: site) }
      if let origin { headers.add(name: "origin", value: origin) }
      if let key { headers.add(name: "authorization", value: "Bearer \(key)") }
      if !body.isEmpty { headers.add(name: "content-type", value: "application/json") }
      let response = try await client.send(
        HTTPClient.Request(method: method, url: url + path, headers: headers, body: Array(body.utf8)))
      let set = response.headers["set-cookie"]
      if let pair = set?.split(separator: ";").first { cookie = pair.hasSuffix("=") ? nil : String(pair) }
      return (response.status, JSONValue(json: String(decoding: response.body, as: UTF8.self)), set)
    }
  }

  private static func link(
    _ desk: StaffedDesk, _ role: Role, agent: AgentID? = nil, lifetime: Duration = .seconds(600)
  ) async throws -> String {
    let secret = "fd_link-of-\(role.rawValue)-\(agent?.rawValue ?? "noOne")-\(UUID().uuidString)"
    try await desk.store.access.addSignInLink(
      digest: Array(SHA256.hash(data: Array(secret.utf8))), role: role, agent: agent, label: "of a test",
      lifetime: lifetime)
    return secret
  }

  private static func body(_ secret: String) -> String { #"{"secret":"\#(secret)"}"# }

  @Test func aLinkOpensOneSession() async throws {
    try await StaffedDesk.serving { desk, client, url in
      let secret = try await Self.link(desk, .agent, agent: "ann")
      let (ann, thief) = (Browser(client, url), Browser(client, url))
      let answer = try await ann.ask("POST", "/v1/sessions", Self.body(secret))
      #expect(answer.status == 200 && answer.body?["agent"]?.text == "ann")
      let cookie = try #require(answer.cookie)
      for part in ["frontdesk_session=", "HttpOnly", "SameSite=Lax", "Path=/"] { #expect(cookie.contains(part)) }
      #expect(try await thief.ask("POST", "/v1/sessions", Self.body(secret)).status == 401)
      #expect(thief.cookie == nil)
      let me = try await ann.ask("GET", "/v1/me")
      #expect(me.status == 200 && me.body?["session"]?["is_current"]?.flag == true)
      #expect(try await ann.ask("GET", "/v1/agents/me/tickets").status == 200)
      #expect(try await ann.ask("GET", "/v1/queues").status == 403)
      // The secret of a session is no key, and a key is no session.
      let stolen = try #require(ann.cookie?.split(separator: "=").last)
      #expect(try await thief.ask("GET", "/v1/me", key: String(stolen)).status == 401)
      thief.cookie = "frontdesk_session=\(String(repeating: "A", count: 43))"
      #expect(try await thief.ask("GET", "/v1/me").status == 401)
    }
  }

  @Test(arguments: [nil, "unknown", "expired"]) func otherLinksAreRefused(_ what: String?) async throws {
    try await StaffedDesk.serving { desk, client, url in
      let browser = Browser(client, url)
      switch what {
      case "expired":
        let secret = try await Self.link(desk, .operator, lifetime: .zero)
        #expect(try await browser.ask("POST", "/v1/sessions", Self.body(secret)).status == 401)
      case "unknown":
        #expect(try await browser.ask("POST", "/v1/sessions", Self.body("fd_unknown")).status == 401)
      default:
        #expect(try await browser.ask("POST", "/v1/sessions", "{}").status == 422)
      }
      #expect(browser.cookie == nil)
    }
  }

  @Test func agentsWhoHaveLeftCannotSignIn() async throws {
    try await StaffedDesk.serving { desk, client, url in
      let browser = Browser(client, url)
      let secret = try await Self.link(desk, .lead, agent: "gone")
      #expect(try await browser.ask("POST", "/v1/sessions", Self.body(secret)).status == 401)
      #expect(browser.cookie == nil)
      #expect(try await desk.store.access.openSessions().isEmpty)
    }
  }

  @Test(arguments: [
    ("https://Desk.Example.com", "https://desk.example.com"),
    ("https://desk.example.com:443/", "https://desk.example.com"),
    ("http://localhost:80", "http://localhost"), ("https://desk.example.com:80", "https://desk.example.com:80"),
  ])
  func theOriginOfThePagesIsWrittenAsBrowsersDo(_ configured: String, _ origin: String) throws {
    let address = try #require(PagesAddress(url: configured))
    #expect(address.origin == origin && address.isSecure == configured.hasPrefix("https:"))
  }

  @Test func otherSitesCannotUseACookie() async throws {
    try await StaffedDesk.serving { desk, client, url in
      let ann = Browser(client, url)
      let secret = try await Self.link(desk, .agent, agent: "ann")
      // Signing a visitor in is refused too.
      #expect(try await ann.ask("POST", "/v1/sessions", Self.body(secret), site: "cross-site").status == 403)
      #expect(try await ann.ask("POST", "/v1/sessions", Self.body(secret)).status == 200)
      let presence = #"{"presence":"available"}"#
      for (site, origin, status) in [
        ("same-origin", nil, 200), ("cross-site", nil, 403), ("same-site", nil, 403), ("none", nil, 403),
        (nil, nil, 403), (nil, url, 200), (nil, "https://evil.example", 403), (nil, "null", 403),
      ] as [(String?, String?, Int)] {
        let answer = try await ann.ask("PUT", "/v1/agents/me/presence", presence, site: site, origin: origin)
        #expect(answer.status == status, "\(site ?? "-") \(origin ?? "-")")
      }
      #expect(try await ann.ask("GET", "/v1/me", site: "none").status == 200)
      #expect(try await ann.ask("GET", "/v1/me", site: "cross-site").status == 403)
      #expect(try await ann.ask("GET", "/v1/me", site: nil).status == 200)
    }
  }

  @Test func sessionsEndByThePersonAndByAnOperator() async throws {
    try await StaffedDesk.serving { desk, client, url in
      let (ann, bob, chief) = (Browser(client, url), Browser(client, url), Browser(client, url))
      for (browser, role, agent) in [(ann, Role.agent, "ann"), (bob, .agent, "bob"), (chief, .operator, nil)]
        as [(Browser, Role, AgentID?)]
      {
        let secret = try await Self.link(desk, role, agent: agent)
        #expect(try await browser.ask("POST", "/v1/sessions", Self.body(secret)).status == 200)
      }
      let listed = try await chief.ask("GET", "/v1/sessions").body?["sessions"]?.list ?? []
      #expect(listed.count == 3)
      let own = try await ann.ask("GET", "/v1/sessions").body?["sessions"]?.list ?? []
      #expect(own.count == 1 && own.first?["agent"]?.text == "ann")
      func session(of agent: String) -> String {
        listed.first { $0["agent"]?.text == agent }?["session_id"]?.text ?? ""
      }
      #expect(try await ann.ask("DELETE", "/v1/sessions/\(session(of: "bob"))").status == 404)
      #expect(try await chief.ask("DELETE", "/v1/sessions/\(session(of: "bob"))").status == 200)
      #expect(try await chief.ask("DELETE", "/v1/sessions/\(session(of: "bob"))").status == 404)
      #expect(try await desk.store.access.openSessions().count == 2)
      #expect(try await ann.ask("DELETE", "/v1/session").status == 200)
      #expect(ann.cookie == nil)
      #expect(try await desk.store.access.openSessions().count == 1)
    }
  }

  @Test func cookiesAreReadByteByByte() {
    let secret = String(repeating: "a", count: 42) + "_"
    for (fields, isFound) in [
      (["frontdesk_session=\(secret)"], true), (["a=b; frontdesk_session=\(secret)"], true),
      (["a=b", "frontdesk_session=\(secret)"], true), (["Frontdesk_session=\(secret)"], false),
      (["frontdesk_session=\(secret)a"], false), (["frontdesk_session=\(secret.dropLast())é"], false),
      (["frontdesk_session="], false), (["xfrontdesk_session=\(secret)"], false), ([], false),
    ] {
      #expect((SessionCookie(in: fields, isSecure: false) != nil) == isFound, "\(fields)")
      #expect(SessionCookie(in: fields, isSecure: true) == nil)
    }
    #expect(SessionCookie.random() != SessionCookie.random())
    let cookie = SessionCookie.random().setting(isSecure: true, seconds: 60)
    #expect(cookie.hasPrefix("__Host-frontdesk_session=") && cookie.hasSuffix("; Secure"))
  }
}
