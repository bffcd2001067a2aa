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
    HTMLElement.page(
      rawValue, isChinese: isChinese, title: "Frontdesk", styles: styles, module: module, assets: assets,
      body: [
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
      ])
  }
}
