import HTTPTypes

/// What a browser gets for an address that is no page: a page in its language, with the way back. It is complete without a module.
enum UnknownPage {
  /// Addresses that people try, and the page that has what they look for.
  private static let elsewhere: [(path: String, page: Page)] = [
    ("/audit", .operations), ("/answers", .policy), ("/articles", .policy), ("/crises", .wallboard),
    ("/queues", .wallboard),
  ]

  /// The page that has what is looked for at a path; nil if there is none.
  static func page(for path: String) -> Page? {
    elsewhere.first { $0.path.utf8.elementsEqual(path.utf8) }?.page
  }

  /// Whether a person's browser opens an address, and no program asks for a resource.
  static func isAsked(by request: HTTPRequest) -> Bool {
    guard request.method == .get, let path = request.path else { return false }
    let isOfPrograms = ["/v1/", "/assets/"].contains { path.utf8.starts(with: $0.utf8) }
    return !isOfPrograms && request.headerFields[.accept]?.contains("text/html") == true
  }

  static func html(isChinese: Bool, assets: PageAssets) -> String {
    HTMLElement.page(
      "unknown", isChinese: isChinese, title: isChinese ? "没有此页面 · Frontdesk" : "No such page · Frontdesk",
      assets: assets,
      body: [
        .element(
          "main", [("class", "sign-in")],
          [
            .element("h1", text: isChinese ? "没有此页面" : "There is no such page"),
            .element("p", text: isChinese ? "请检查地址，或从首页重新进入。" : "Check the address, or begin at the first page."),
            .element(
              "p", [],
              [
                .element(
                  "a", [("class", "button primary"), ("href", "/")], text: isChinese ? "返回首页" : "To the first page")
              ]
            ),
          ])
      ])
  }
}
