/// HTML that is made of elements, so that text and attributes are always escaped (HTML Living Standard, 13.3).
indirect enum HTMLElement: Sendable {
  case text(String)
  case element(String, [(name: String, value: String?)], [HTMLElement])

  /// Elements without content and end tag.
  // exact-keys: names in our own source
  private static let void: Set<String> = ["meta", "link", "input", "br", "hr", "img"]

  static func element(_ name: String, _ attributes: [(name: String, value: String?)] = [], text: String) -> HTMLElement
  {
    .element(name, attributes, [.text(text)])
  }

  /// A page of the console: in one of its languages, with its icon and style sheets.
  /// - Parameters:
  ///   - name: what styles and modules know it by.
  ///   - attributes: of the root, behind language and name.
  ///   - styles: files of style sheets.
  ///   - module: the file of the module that fills it; nil for a page that is complete.
  static func page(
    _ name: String, isChinese: Bool, attributes: [(name: String, value: String?)] = [], title: String,
    styles: [String] = ["desk.css"], module: String? = nil, assets: PageAssets, body: [HTMLElement]
  ) -> String {
    var head: [HTMLElement] = [
      .element("meta", [("charset", "utf-8")], []),
      .element("meta", [("name", "viewport"), ("content", "width=device-width, initial-scale=1")], []),
      .element("meta", [("name", "color-scheme"), ("content", "light dark")], []),
      .element("title", text: title),
      .element("link", [("rel", "icon"), ("type", "image/svg+xml"), ("href", assets.path(of: "icon.svg"))], []),
    ]
    head += styles.map { .element("link", [("rel", "stylesheet"), ("href", assets.path(of: $0))], []) }
    if let module { head.append(.element("script", [("type", "module"), ("src", assets.path(of: module))], [])) }
    return document(
      .element(
        "html", [("lang", isChinese ? "zh" : "en"), ("data-page", name)] + attributes,
        [.element("head", [], head), .element("body", [], body)]))
  }

  /// The page with its doctype.
  static func document(_ root: HTMLElement) -> String {
    var html = "<!doctype html>\n"
    root.write(to: &html)
    return html + "\n"
  }

  private func write(to html: inout String) {
    switch self {
    case .text(let text): Self.escape(text, to: &html)
    case .element(let name, let attributes, let children):
      html += "<" + name
      for attribute in attributes {
        html += " " + attribute.name
        guard let value = attribute.value else { continue }
        html += "=\""
        Self.escape(value, to: &html)
        html += "\""
      }
      html += ">"
      if Self.void.contains(name) { return }
      for child in children { child.write(to: &html) }
      html += "</\(name)>"
    }
  }

  private static func escape(_ text: String, to html: inout String) {
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": html += "&amp;"
      case "<": html += "&lt;"
      case ">": html += "&gt;"
      case "\"": html += "&quot;"
      case "'": html += "&#39;"
      default: html.unicodeScalars.append(scalar)
      }
    }
  }
}
