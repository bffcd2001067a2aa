/// An element of an SVG picture. Its texts and attribute values are escaped here and nowhere else.
///
/// ```swift
/// SVGElement("text", ["x": 12, "y": 28], text: name)
/// ```
public struct SVGElement: Hashable, Sendable {
  public typealias Attributes = KeyValuePairs<String, any CustomStringConvertible>

  /// The element as XML.
  public let markup: String

  /// - Parameters:
  ///   - name: an element of SVG; not escaped, like the names of the attributes.
  ///   - text: precedes the children.
  public init(_ name: String, _ attributes: Attributes = [:], text: String = "", _ children: [SVGElement] = []) {
    markup = Self.markup(name, attributes, content: Self.escaped(text) + children.map(\.markup).joined())
  }

  /// A text that is shown while the pointer is on the element that contains it.
  public static func title(_ text: String) -> SVGElement { SVGElement("title", text: text) }

  /// A complete picture, with a white background, as a file's content.
  ///
  /// - Parameters:
  ///   - width: in pixels, unless the viewer scales the picture, like `height`.
  ///   - attributes: of the root, such as the font.
  public static func picture(
    width: Int, height: Int, _ attributes: Attributes = [:], _ children: [SVGElement]
  ) -> String {
    let background = SVGElement("rect", ["width": "100%", "height": "100%", "fill": "#ffffff"])
    let content = "\n" + ([background] + children).map(\.markup).joined(separator: "\n") + "\n"
    let size: [(key: String, value: any CustomStringConvertible)] = [
      ("xmlns", "http://www.w3.org/2000/svg"), ("width", width), ("height", height),
      ("viewBox", "0 0 \(width) \(height)"),
    ]
    return markup("svg", size + attributes, content: content) + "\n"
  }

  private static func markup(
    _ name: String, _ attributes: some Sequence<(key: String, value: any CustomStringConvertible)>, content: String
  ) -> String {
    let fields = attributes.map { " \($0.key)=\"\(escaped($0.value.description))\"" }.joined()
    return content.isEmpty ? "<\(name)\(fields)/>" : "<\(name)\(fields)>\(content)</\(name)>"
  }

  /// By scalars: a `<` followed by a combining mark still begins a tag.
  private static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      // Not even as references (XML 1.0, section 2.2).
      case "\0"..<"\t", "\u{B}", "\u{C}", "\u{E}"..<" ", "\u{FFFE}", "\u{FFFF}": result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
