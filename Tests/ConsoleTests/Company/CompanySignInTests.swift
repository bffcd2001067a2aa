import Curl
import DeskCore
import Foundation
import HTTPTypes
import Observability
import ServiceHealth
import ServiceProcess
import Store
import TestService
import Testing

@testable import Console

/// Signing in by the company's provider, through a console and a provider that serve over sockets.
@Suite struct CompanySignInTests {
  @Test func aPersonIsSignedInAsTheAgentOfTheClaim() async throws {
    try await CompanyDesk.with { company in
      let ann = company.browser()
      let listed = try await ann.get("/v1/sign-in/providers").json?["providers"]?.list ?? []
      #expect(listed.count == 1 && listed.first?["name"]?.text == "Example <Corp>")
      let id = try #require(listed.first?["provider_id"]?.text)
      let answer = try await ann.answer(query: "?provider=\(id)&to=%2Fdesk%3Fticket%3D1&lang=en")
      let page = try await ann.get(answer)
      #expect(page.status == 303 && page.location == "/desk?ticket=1", "\(page.body)")
      #expect(ann.has("frontdesk_session") && !ann.has("frontdesk_sign_in"))
      for cookie in page.headers.values("set-cookie") {
        #expect(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Path=/"))
      }
      let me = try await ann.get("/v1/me").json
      #expect(
        me?["agent"]?.text == "ann" && me?["role"]?.text == "agent" && me?["label"]?.text == "Example <Corp>: ann")
      #expect(try await ann.get("/v1/queues").status == 403)
      // Signing out, and again.
      #expect(try await ann.get("/v1/session", method: "DELETE").status == 200)
      #expect(try await ann.get("/v1/me").status == 401)
      #expect(try await ann.get(ann.answer()).location == "/desk")
      #expect(company.metrics.render().contains(#"frontdesk_console_company_sign_ins_total{outcome="opened"} 2"#))
    }
  }

  @Test func theRoleClaimGivesTheFirstRoleThatFits() async throws {
    try await CompanyDesk.with { company in
      for (login, groups, role, agent, path) in [
        ("ann", ["staff", "leads"], "lead", "ann", "/desk"), ("bob", ["x", "staff"], "agent", "bob", "/desk"),
        ("Root Person", ["ops"], "operator", nil, "/wallboard"),
      ] as [(String, [String], String, String?, String)] {
        let browser = company.browser()
        #expect(try await browser.get(browser.answer(as: login, groups: groups)).location == path)
        let me = try await browser.get("/v1/me").json
        #expect(me?["role"]?.text == role && me?["agent"]?.text == agent, "\(login)")
      }
    }
  }

  @Test func peopleWithoutAccessAreToldWhomToAsk() async throws {
    try await CompanyDesk.with { company in
      let stranger = company.browser()
      let noAgent = try await stranger.get(stranger.answer(as: "<b>eve</b>"))
      #expect(noAgent.status == 403 && noAgent.body.contains("no such agent"))
      #expect(noAgent.body.contains("&lt;b&gt;eve&lt;/b&gt;") && !noAgent.body.contains("<b>"))
      #expect(noAgent.body.contains("Example &lt;Corp&gt;") && noAgent.body.contains("operator"))
      #expect(noAgent.headers["content-security-policy"] == PageRoutes.contentSecurityPolicy)
      #expect(noAgent.headers["cache-control"] == "no-store")
      let noRole = try await stranger.get(stranger.answer(groups: ["guests"]))
      #expect(noRole.status == 403 && noRole.body.contains("no role"))
      let noName = try await stranger.get(stranger.answer(extra: [.init("login", .null)]))
      #expect(noName.status == 303, "the first of two members counts")
      let chinese = try await stranger.get(stranger.answer(as: "eve", query: "?lang=zh"), language: "en")
      #expect(chinese.status == 403 && chinese.body.contains("没有这位客服") && chinese.body.contains("lang=\"zh\""))
      #expect(try await company.desk.store.access.openSessions().count == 1)
    }
  }

  @Test func anotherSignInInTheSameBrowserReplacesTheSession() async throws {
    try await CompanyDesk.with { company in
      let browser = company.browser()
      #expect(try await browser.get(browser.answer()).status == 303)
      let first = try #require(browser.cookies.first { $0.name == "frontdesk_session" }?.value)
      #expect(try await browser.get(browser.answer(as: "bob")).status == 303)
      #expect(try await browser.get("/v1/me").json?["agent"]?.text == "bob")
      #expect(try await company.desk.store.access.openSessions().map(\.agent) == ["bob"])
      #expect(browser.cookies.first { $0.name == "frontdesk_session" }?.value != first)
    }
  }

  // MARK: Answers that are refused

  @Test func answersThatAreNotOfThisSignInAreRefused() async throws {
    try await CompanyDesk.with { company in
      let (ann, eve) = (company.browser(), company.browser())
      let answer = try await ann.answer()
      // In another browser, which has begun nothing, or something else.
      #expect(try await eve.get(answer).status == 400)
      let own = try await eve.answer()
      let mixed = try await eve.get(answer)
      #expect(mixed.status == 400 && mixed.body.contains("data-failure=\"foreign\""))
      #expect(eve.has("frontdesk_sign_in"), "another site's request ends nothing")
      // The state of another one, none, twice, or changed.
      for query in [
        own.replacing("/v1/sign-in/answer", with: ""), "?code=x", "?state=\(String(repeating: "A", count: 43))&code=x",
        "?state=%00&code=x", "?state=x&state=y&code=z", "?state=\(String(repeating: "a", count: 5_000))",
      ] {
        #expect(try await ann.get("/v1/sign-in/answer\(query)").status == 400, "\(query.prefix(60))")
        #expect(ann.has("frontdesk_sign_in") && !ann.has("frontdesk_session"))
      }
      // Another issuer's answer (RFC 9207).
      let issuer = try await ann.get(answer + "&iss=https%3A%2F%2Fevil.example")
      #expect(issuer.status == 400 && issuer.body.contains("data-failure=\"foreign\""))
      // A changed cookie: another end of its time, another page.
      let cookie = try #require(ann.cookies.first { $0.name == "frontdesk_sign_in" }?.value)
      var parts = cookie.split(separator: ".").map(String.init)
      parts[1] = "9999999999"
      ann.set("frontdesk_sign_in", parts.joined(separator: "."))
      #expect(try await ann.get(answer).status == 400)
      ann.set("frontdesk_sign_in", cookie)
      // All the while the genuine one is still good, with its issuer, once.
      let genuine = answer + "&iss=\(ProviderClient.encoded(company.provider.issuer))"
      #expect(try await ann.get(genuine).status == 303)
      #expect(try await ann.get(genuine).status == 400)
      // Replayed with the cookie that the browser should have forgotten, at a provider that forgets which codes were used.
      company.provider.set { $0.acceptsCodesAgain = true }
      ann.set("frontdesk_sign_in", cookie)
      let replayed = try await ann.get(genuine)
      #expect(replayed.status == 400 && replayed.body.contains("data-failure=\"used\""))
      #expect(try await company.desk.store.access.openSessions().count == 1)
    }
  }

  @Test func anAnswerOpensOneSessionEvenIfTheProviderAcceptsItsCodeAgain() async throws {
    try await CompanyDesk.with { company in
      company.provider.set { $0.acceptsCodesAgain = true }
      let ann = company.browser()
      let answer = try await ann.answer()
      let cookie = try #require(ann.cookies.first { $0.name == "frontdesk_sign_in" }?.value)
      #expect(try await ann.get(answer).status == 303)
      let thief = company.browser()
      thief.set("frontdesk_sign_in", cookie)
      let again = try await thief.get(answer)
      #expect(again.status == 400 && again.body.contains("data-failure=\"used\""), "\(again.body)")
      #expect(try await company.desk.store.access.openSessions().count == 1)
    }
  }

  @Test func aLateAnswerIsRefusedByTheDatabasesClock() async throws {
    try await CompanyDesk.with { company in
      let begun = try await company.company.begin(
        with: nil, page: nil, isChinese: false, redirect: "https://desk.example/v1/sign-in/answer")
      let claims: [JSONValue.Field] = [.init("login", .text("ann")), .init("groups", .text("staff"))]
      for (ahead, failure) in [(Duration.seconds(601), SignInFailure.late), (.seconds(595), nil)] {
        // Another console: what a sign-in is, the browser alone keeps.
        let other = CompanyDesk.company(company.desk, company.client, MetricsRegistry(), ahead: ahead)
        let (code, state) = try company.provider.authorise(begun.address, claims: claims, at: other.clock.now())
        let answer = CompanySignIn.Answer(code: code, state: state)
        do {
          let opened = try await other.finish(
            answer, pending: begun.pending, redirect: "https://desk.example/v1/sign-in/answer"
          ) { $0 == "ann" }
          #expect(failure == nil && opened.session.agent == "ann")
        } catch let error as SignInFailure {
          #expect(error == failure)
        }
      }
    }
  }

  @Test func theProvidersRefusalsAreSaid() async throws {
    try await CompanyDesk.with { company in
      let ann = company.browser()
      for (error, status, code) in [
        ("access_denied", 403, "declined"), ("%3Cscript%3E", 403, "declined"),
        ("temporarily_unavailable", 502, "unreachable"), ("invalid_scope", 502, "misconfigured"),
      ] {
        let state = try #require(try await ann.answer().split(separator: "&").first { $0.hasPrefix("state=") })
        let page = try await ann.get("/v1/sign-in/answer?error=\(error)&error_description=%3Cb%3E&\(state)")
        #expect(page.status == status && page.body.contains("data-failure=\"\(code)\""), "\(error)")
        #expect(!page.body.contains("<script>") && !page.body.contains("<b>") && !ann.has("frontdesk_sign_in"))
      }
    }
  }

  @Test(arguments: [
    "https://evil.example/", "//evil.example/desk", "/\\evil.example", "/desk/../x", "/v1/me", "/sign-in", "desk",
    "/desk?x=\"><script>", "/desk#x", "/DESK", "/desk?" + String(repeating: "a", count: 400), "",
  ])
  func onlyOwnPagesAreReturnedTo(_ page: String) {
    #expect(ReturnPath.checked(page) == nil)
  }

  @Test func ownPagesAreReturnedTo() {
    for page in ["/desk", "/tickets?state=queued&agent=ann%20x", "/wallboard?tv"] {
      #expect(ReturnPath.checked(page) == page)
    }
  }

  // MARK: Providers that fail

  @Test func aProviderThatIsAwayIsSaidSo() async throws {
    try await CompanyDesk.with { company in
      let ann = company.browser()
      company.provider.set { $0.isDown = true }
      let away = try await ann.get("/v1/sign-in", language: "zh-CN")
      #expect(away.status == 502 && away.body.contains("“Example &lt;Corp&gt;”暂时没有响应") && away.body.contains("登录链接"))
      #expect(!ann.has("frontdesk_sign_in"))
      // Everything else goes on.
      #expect(try await ann.get("/v1/sign-in/providers").status == 200)
      #expect(try await ann.get("/sign-in").status == 200)
      #expect(company.metrics.render().contains(#"{outcome="unreachable"} 1"#))
      #expect(try await ann.get("/v1/sign-in?provider=00000000-0000-7000-8000-000000000001").status == 404)
      #expect(try await ann.get("/v1/sign-in?provider=x").status == 404)
    }
  }

  @Test func answersOfTheTokenEndpointAreTakenForWhatTheyAre() async throws {
    try await CompanyDesk.with { company in
      let ann = company.browser()
      for (status, body, page, code) in [
        ("500 Internal Server Error", nil, 502, "unreachable"), ("200 OK", "<html>", 502, "misconfigured"),
        ("200 OK", #"{"access_token":"x"}"#, 502, "misconfigured"),
        ("401 Unauthorized", #"{"error":"invalid_client"}"#, 502, "misconfigured"),
        ("400 Bad Request", #"{"error":"invalid_grant"}"#, 400, "used"),
        ("302 Found", "", 502, "unreachable"), ("200 OK", String(repeating: "x", count: 300_000), 502, "unreachable"),
      ] as [(String, String?, Int, String)] {
        let answer = try await ann.answer()
        company.provider.set { ($0.tokenStatus, $0.tokenBody) = (status, body) }
        let shown = try await ann.get(answer)
        #expect(shown.status == page && shown.body.contains("data-failure=\"\(code)\""), "\(status) \(body ?? "")")
        #expect(!ann.has("frontdesk_session") && !shown.body.contains("invalid_"))
        company.provider.behave()
      }
    }
  }

  @Test func aDescriptionOfAnotherIssuerIsNotBelieved() async throws {
    for (field, value) in [
      ("issuer", .text("https://evil.example")), ("token_endpoint", .text("http://evil.example/token")),
      ("jwks_uri", .null), ("authorization_endpoint", .text("javascript:alert(1)")),
    ] as [(String, JSONValue)] {
      try await CompanyDesk.with { company in
        company.provider.set { $0.description = [.init(field, value)] }
        let page = try await company.browser().get("/v1/sign-in")
        #expect(page.status == 502 && page.body.contains("data-failure=\"misconfigured\""), "\(field)")
      }
    }
  }

  @Test func aProviderThatNamesItsIssuerMustDoSo() async throws {
    try await CompanyDesk.with { company in
      company.provider.set {
        $0.description = [.init("authorization_response_iss_parameter_supported", .flag(true))]
      }
      let ann = company.browser()
      let answer = try await ann.answer()
      #expect(try await ann.get(answer).status == 400)
      let named = try await ann.answer()
      #expect(try await ann.get(named + "&iss=\(ProviderClient.encoded(company.provider.issuer))").status == 303)
    }
  }

  @Test func aProviderThatKeepsFailingIsReported() async throws {
    try await CompanyDesk.with { company in
      let watcher = ProviderWatcher(book: company.company.book, task: company.company.task, logger: .silent)
      let first = await watcher.periodic.runOnce { try await watcher.round() }
      #expect(first == .done(.regular))
      company.provider.set { $0.isDown = true }
      for _ in 0..<3 {
        let later = CompanyDesk.company(company.desk, company.client, MetricsRegistry())
        let failing = ProviderWatcher(book: later.book, task: company.company.task, logger: .silent)
        let turn = await failing.periodic.runOnce { try await failing.round() }
        #expect(turn == .failed)
      }
      #expect(company.company.task.problem?.task == "identity_providers")
      #expect(company.company.task.problem?.failures == 3)
      company.provider.behave()
      let again = CompanyDesk.company(company.desk, company.client, MetricsRegistry())
      let working = ProviderWatcher(book: again.book, task: company.company.task, logger: .silent)
      let last = await working.periodic.runOnce { try await working.round() }
      #expect(last == .done(.regular))
      #expect(company.company.task.problem == nil)
    }
  }

  @Test func sessionsOfARemovedProviderEnd() async throws {
    try await CompanyDesk.with { company in
      let ann = company.browser()
      #expect(try await ann.get(ann.answer()).status == 303)
      let pending = company.browser()
      let answer = try await pending.answer()
      #expect(try await company.desk.store.access.removeIdentityProvider(named: company.allowed.name))
      #expect(try await company.desk.store.access.openSessions().isEmpty)
      // Whether or not the console has noticed.
      let late = try await pending.get(answer).status
      #expect([400, 404].contains(late))
      #expect(try await company.desk.store.access.openSessions().isEmpty)
    }
  }
}
