/// The text of a page's file as it is sent.
enum PageSource {
  /// Empties the lines that are nothing but a comment, a seventh of what a browser would load. All other lines stay as they are, and keep
  /// their numbers. For JavaScript and style sheets without texts of several lines that look like comments.
  static func withoutComments(_ text: String) -> String {
    var isWithin = false
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line -> Substring in
      let content = line.trimmingPrefix { $0 == " " }
      if isWithin {
        isWithin = !content.hasSuffix("*/")
        return ""
      }
      if content.hasPrefix("//") { return "" }
      guard content.hasPrefix("/*") else { return line }
      if content.hasSuffix("*/") { return "" }
      // A comment before code on its line, as for the type of an expression.
      if content.contains("*/") { return line }
      isWithin = true
      return ""
    }
    return lines.joined(separator: "\n")
  }
}
