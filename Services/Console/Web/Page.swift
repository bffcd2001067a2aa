/// The pages of the console. A page is a shell without data, the same for everybody: its module asks the interface under `/v1` for what
/// the reader may see.
enum Page: String, Sendable, CaseIterable {
  case signIn = "sign-in"
  case desk, wallboard, people, tickets, callbacks, quality, reports, policy, operations, sessions

  var path: String { "/" + rawValue }

  /// The module that fills the page.
  private var module: String { self == .signIn ? "sign-in.js" : "main.js" }

  /// The style sheets, the common one first.
  private var styles: [String] { self == .desk || self == .signIn ? ["desk.css"] : ["desk.css", "office.css"] }

  /// The shell.
  /// - Parameter isChinese: whether the browser prefers Chinese. The module goes by the reader's choice, if there is one.
  func html(isChinese: Bool, assets: PageAssets) -> String {
    .document(
      .element(
        "html", [("lang", isChinese ? "zh" : "en"), ("data-page", rawValue)],
        [
          .element(
            "head", [],
            [
              .element("meta", [("charset", "utf-8")], []),
              .element("meta", [("name", "viewport"), ("content", "width=device-width, initial-scale=1")], []),
              .element("meta", [("name", "color-scheme"), ("content", "light dark")], []),
              .element("title", text: "Frontdesk"),
              .element(
                "link", [("rel", "icon"), ("type", "image/svg+xml"), ("href", assets.path(of: "icon.svg"))], []),
            ]
              + styles.map { .element("link", [("rel", "stylesheet"), ("href", assets.path(of: $0))], []) } + [
                .element("script", [("type", "module"), ("src", assets.path(of: module))], [])
              ]),
          .element(
            "body", [],
            [
              .element(
                "div", [("id", "app")], [.element("p", [("class", "loading")], text: isChinese ? "正在打开…" : "Opening…")]),
              .element(
                "noscript", [],
                [
                  .element(
                    "p", [("class", "empty")],
                    text: isChinese
                      ? "本页面需要启用 JavaScript。" : "These pages need JavaScript. Switch it on and load the page again.")
                ]),
            ]),
        ]))
  }
}

extension String {
  fileprivate static func document(_ root: HTMLElement) -> String { HTMLElement.document(root) }
}
