import HTTPTypes
import Hummingbird
import NIOCore

/// Answers a browser with a page where the router has nothing. Programs get the router's problem, as before.
struct UnknownPageMiddleware<Context: RequestContext>: RouterMiddleware {
  let assets: PageAssets

  @concurrent func handle(
    _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
  ) async throws -> Response {
    do {
      return try await next(request, context)
    } catch let error as HTTPError where error.status == .notFound && UnknownPage.isAsked(by: request.head) {
      if let page = UnknownPage.page(for: request.uri.path) {
        return Response(status: .seeOther, headers: [.location: page.path, .cacheControl: "no-store"])
      }
      let isChinese = PageRoutes.prefersChinese(request.headers[.acceptLanguage])
      var headers = PageRoutes.headers(type: "text/html; charset=utf-8", cache: "no-store")
      headers[.vary] = "Accept, Accept-Language"
      return Response(
        status: .notFound, headers: headers,
        body: ResponseBody(byteBuffer: ByteBuffer(string: UnknownPage.html(isChinese: isChinese, assets: assets))))
    }
  }
}
