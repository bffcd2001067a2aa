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
