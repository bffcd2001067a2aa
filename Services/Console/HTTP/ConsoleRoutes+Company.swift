import DeskCore
import HTTPService
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import PostgreSQL
import ServiceProcess
import Store

// Signing in by the company's identity provider. The first two requests below are navigations of a browser: what fails is a page.

extension ConsoleRoutes {
  /// Requests that need neither a key nor a session.
  func answerPublic(_ name: ConsoleEndpoint.Name, _ request: Request) async throws -> Response {
    switch name {
    case .listProviders: try await listProviders()
    case .startCompanySignIn: await startCompanySignIn(request)
    case .finishCompanySignIn: await finishCompanySignIn(request)
    default: try await signIn(request)
    }
  }

  /// The providers by which people can sign in. Nothing else of them is shown.
  private func listProviders() async throws -> Response {
    Self.list("providers", try await company?.book.all() ?? []) { known in
      .object([
        .init("provider_id", .text(known.provider.id.description)), .init("name", .text(known.provider.name)),
      ])
    }
  }

  /// Sends a browser to the provider.
  private func startCompanySignIn(_ request: Request) async -> Response {
    let query = RequestQuery(request.uri, known: ["provider", "to", "lang"])
    let isChinese = query["lang"].map { $0 == "zh" } ?? PageRoutes.prefersChinese(request.headers[.acceptLanguage])
    let id = query["provider"].flatMap { Identifier<IdentityProvider>($0) }
    do {
      guard let company, query["provider"] == nil || id != nil else { throw SignInFailure.noProvider }
      let (address, pending) = try await company.begin(
        with: id, page: query["to"].flatMap(ReturnPath.checked), isChinese: isChinese, redirect: redirect(request))
      return Self.navigate(to: address, cookies: [pending.setting(isSecure: callers.address.isSecure)])
    } catch {
      return await failed(error, with: id, isChinese: isChinese, clears: false)
    }
  }

  /// Opens a session for a provider's answer.
  private func finishCompanySignIn(_ request: Request) async -> Response {
    let cookies = request.headers[values: .cookie]
    let pending = PendingSignIn(in: cookies, isSecure: callers.address.isSecure)
    let isChinese = pending?.isChinese ?? PageRoutes.prefersChinese(request.headers[.acceptLanguage])
    do {
      guard let company else { throw SignInFailure.noProvider }
      let policy = policy.current
      let opened = try await company.finish(
        try Self.answer(in: request), pending: pending, redirect: redirect(request)
      ) { policy?.agents[$0] != nil }
      // A browser has one session: the previous one ends.
      try await sessions.endReplaced(callers.cookie(in: request.headers))
      company.metrics.noteOpened()
      let seconds = Int((opened.session.expiresAt - opened.session.createdAt).inSeconds)
      let isSecure = callers.address.isSecure
      return Self.navigate(
        to: opened.page ?? ReturnPath.page(of: opened.session.role).path,
        cookies: [
          opened.cookie.setting(isSecure: isSecure, seconds: seconds), PendingSignIn.clearing(isSecure: isSecure),
        ])
    } catch {
      // Another site can send a browser here with any answer; that must not end a sign-in that has begun.
      return await failed(
        error, with: pending?.provider, isChinese: isChinese, clears: error as? SignInFailure != .foreign)
    }
  }

  /// The members of a provider's answer. Providers add others, which mean nothing here.
  private static func answer(in request: Request) throws(SignInFailure) -> CompanySignIn.Answer {
    let known = ["code", "state", "iss", "error"]
    let query = RequestQuery(request.uri, known: known)
    // Given twice, or not readable.
    guard !query.errors.contains(where: { known.contains($0.field) }) else { throw .foreign }
    guard known.allSatisfy({ (query[$0]?.utf8.count ?? 0) <= CompanyBounds.parameterBytes }) else { throw .foreign }
    return .init(code: query["code"], state: query["state"], issuer: query["iss"], error: query["error"])
  }

  /// Where the provider sends its answer; as registered with it.
  private func redirect(_ request: Request) -> String {
    let scheme = callers.address.isSecure ? "https" : "http"
    let origin = callers.address.origin ?? "\(scheme)://\(request.head.authority ?? "localhost")"
    return origin + ConsoleEndpoint.companyAnswerPath
  }

  private func failed(
    _ error: any Error, with id: Identifier<IdentityProvider>?, isChinese: Bool, clears: Bool
  ) async -> Response {
    let failure = error as? SignInFailure ?? .deskUnavailable
    if let company {
      company.metrics.note(failure)
      var metadata = ["why": "\(failure.code)"] as [String: String]
      if case .token(let refusal) = failure { metadata["token"] = refusal.rawValue }
      // Neither the person nor anything that the provider or the browser sent.
      company.logger.notice("a sign-in was refused", metadata: metadata.mapValues { "\($0)" })
      if !(error is SignInFailure) {
        company.logger.warning("a sign-in failed", metadata: ["error": "\(FailureKind.of(error))"])
      }
    }
    let all = (try? await company?.book.all()) ?? []
    let known = all.first { $0.provider.id == id } ?? (id == nil && all.count == 1 ? all.first : nil)
    let again = known.map {
      "\(ConsoleEndpoint.companyStartPath)?provider=\($0.provider.id)&lang=\(isChinese ? "zh" : "en")"
    }
    let page = SignInPage(
      failure: failure, provider: known?.provider.name, again: again ?? Page.signIn.path, isChinese: isChinese)
    var headers = PageRoutes.headers(type: "text/html; charset=utf-8", cache: "no-store")
    if clears { headers[.setCookie] = PendingSignIn.clearing(isSecure: callers.address.isSecure) }
    return Response(
      status: failure.status, headers: headers,
      body: ResponseBody(byteBuffer: ByteBuffer(string: page.html(assets: .embedded))))
  }

  private static func navigate(to address: String, cookies: [String]) -> Response {
    var headers: HTTPFields = [.location: address, .cacheControl: "no-store"]
    for cookie in cookies { headers.append(HTTPField(name: .setCookie, value: cookie)) }
    return Response(status: .seeOther, headers: headers)
  }
}

/// Where people go when they have signed in: to pages of this console only.
enum ReturnPath {
  /// Returns the path if it is one of our pages, with at most a query.
  static func checked(_ text: String) -> String? {
    guard text.utf8.count <= CompanyBounds.returnBytes else { return nil }
    let parts = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    guard let page = Page.allCases.first(where: { $0.path.utf8.elementsEqual(parts[0].utf8) }), page != .signIn else {
      return nil
    }
    guard parts.count == 1 || parts[1].utf8.allSatisfy(isOfQuery) else { return nil }
    return text
  }

  static func page(of role: Role) -> Page { role == .agent || role == .lead ? .desk : .wallboard }

  private static func isOfQuery(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: "-._~%=&+,:".utf8.contains(byte)
    }
  }
}
