/// The title of a narrow column on several lines, none wider than the column.
enum ReportHeading {
  /// The widths of a letter, and of a Chinese character, of the picture's 12 px, rounded up.
  private static let letter = 7
  private static let character = 12

  /// The width of a text, at most.
  static func width(of text: String) -> Int {
    text.unicodeScalars.reduce(0) { $0 + ($1.value < 0x2E80 ? letter : character) }
  }

  /// Breaks a title at spaces, and Chinese text anywhere; a single longer word stays whole.
  static func lines(of title: String, within limit: Int) -> [String] {
    var lines: [String] = []
    for word in title.split(separator: " ").flatMap({ pieces(of: String($0), within: limit) }) {
      if let last = lines.last, width(of: last + " " + word) <= limit {
        lines[lines.count - 1] = last + " " + word
      } else {
        lines.append(word)
      }
    }
    return lines
  }

  /// The parts of a word that is too long, of about the same length.
  private static func pieces(of word: String, within limit: Int) -> [String] {
    guard width(of: word) > limit, word.unicodeScalars.allSatisfy({ $0.value >= 0x2E80 }) else { return [word] }
    let count = (width(of: word) + limit - 1) / limit
    let size = (word.count + count - 1) / count
    return stride(from: 0, to: word.count, by: size).map { String(word.dropFirst($0).prefix(size)) }
  }
}
