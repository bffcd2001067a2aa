import HTTPService
import HTTPTypes
import Hummingbird
import NIOCore

/// Serves the pages and their files. They contain no data, so that nobody needs to be signed in to load them.
struct PageRoutes: Sendable {
  let assets: PageAssets

  /// The policy that lets a page load nothing but this console's files, run no inline code, and make no element from a string (Content
  /// Security Policy Level 3, Trusted Types).
  static let contentSecurityPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    + "base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

  /// The paths, as in the router.
  static let paths = ["/", "/assets/{version}/{name}"] + Page.allCases.map(\.path)

  func add(to router: Router<DeskRequestContext>) {
    router.onReading("/") { _, _ in
      Response(status: .seeOther, headers: [.location: Page.desk.path, .cacheControl: "no-store"])
    }
    for page in Page.allCases {
      let (english, chinese) = (
        ByteBuffer(string: page.html(isChinese: false, assets: assets)),
        ByteBuffer(string: page.html(isChinese: true, assets: assets))
      )
      router.onReading(RouterPath(page.path)) { request, _ in
        let isChinese = Self.prefersChinese(request.headers[.acceptLanguage])
        var headers = Self.headers(type: "text/html; charset=utf-8", cache: "no-cache")
        headers[.vary] = "Accept-Language"
        return Response(
          status: .ok, headers: headers, body: ResponseBody(byteBuffer: isChinese ? chinese : english))
      }
    }
    let assets = assets
    router.onReading("/assets/{version}/{name}") { _, context in
      // A page that was loaded before an upgrade asks for files of its own version: it gets the current ones, and does not keep them.
      let (version, name) = (
        try RequestPath.value("version", in: context.parameters), try RequestPath.value("name", in: context.parameters)
      )
      guard let asset = assets.asset(name) else { throw ConsoleProblem.notFound("file") }
      let isCurrent = version.utf8.elementsEqual(assets.version.utf8)
      return Response(
        status: .ok,
        headers: Self.headers(
          type: asset.type, cache: isCurrent ? "public, max-age=31536000, immutable" : "no-store"),
        body: ResponseBody(byteBuffer: asset.body))
    }
  }

  static func headers(type: String, cache: String) -> HTTPFields {
    var headers: HTTPFields = [.contentType: type, .cacheControl: cache]
    headers[.contentSecurityPolicy] = contentSecurityPolicy
    for (name, value) in [
      ("Cross-Origin-Opener-Policy", "same-origin"), ("Cross-Origin-Resource-Policy", "same-origin"),
      ("Permissions-Policy", "camera=(), microphone=(), geolocation=()"),
    ] {
      if let name = HTTPField.Name(name) { headers[name] = value }
    }
    return headers
  }

  /// Whether the first of the languages that a browser accepts and that the pages have is Chinese (RFC 9110, section 12.5.4). Weights are
  /// not read: browsers list their languages in order.
  static func prefersChinese(_ accepted: String?) -> Bool {
    for language in (accepted ?? "").split(separator: ",") {
      let tag = language.drop { $0 == " " }.prefix(2).lowercased()
      if tag == "zh" { return true }
      if tag == "en" { return false }
    }
    return false
  }
}
