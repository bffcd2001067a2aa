/// One language version of an article as written by its author: Markdown with YAML front matter between two `---` lines.
///
/// ```
/// ---
/// id: track-a-parcel
/// language: en
/// title: Track a parcel
/// category: logistics        # or a list; optional
/// answers_by_itself: true    # defaults to false
/// channels: [wechat]         # on which it may; defaults to each that allows it
/// ---
/// The answer for the customer. Wrapped lines are joined; paragraphs and lists are kept.
///
/// ## Questions
/// - Where is my parcel?
///
/// ## Steps
/// 1. Check the order number.
/// ```
///
/// The headings are `## 问法` and `## 步骤` in Chinese. Fields of the whole article (`category`, `answers_by_itself`, `channels`)
/// may appear in each of its files or in one of them.
public struct ArticleFile: Hashable, Sendable {
  /// Its path relative to the policy's folder, such as `articles/track-a-parcel.en.md`.
  public let path: String
  /// Its content.
  public let text: String

  /// Creates a file.
  public init(path: String, text: String) {
    self.path = path
    self.text = text
  }
}

/// The body of an article's file, parsed by line.
struct ArticleBody {
  /// A line or item and its position.
  struct Piece: Hashable {
    var text: String
    let line: Int
    let column: Int
  }

  /// The section that a heading starts.
  enum Section: Hashable {
    case answer, questions, steps
  }

  private(set) var answer = ""
  private(set) var questions: [Piece] = []
  private(set) var steps: [Piece] = []
  /// Unparsable places, each with a remedy.
  private(set) var mistakes: [(piece: Piece, problem: String, remedy: String)] = []

  private static let headings: [String: Section] = [
    "questions": .questions, "问法": .questions, "steps": .steps, "步骤": .steps,
  ]

  /// - Parameter lines: the lines after the front matter, the first of them numbered `first`.
  init(_ lines: some Sequence<Substring>, first: Int) {
    var section = Section.answer
    var seen: Set<Section> = []
    var paragraphs: [String] = []
    var isOpen = false
    for (number, raw) in zip(first..., lines) {
      let indent = raw.unicodeScalars.prefix { $0 == " " || $0 == "\t" }.count
      let text = String(raw.unicodeScalars.dropFirst(indent)).trimmedAtItsEnd
      let piece = Piece(text: text, line: number, column: indent + 1)
      if text.isEmpty {
        isOpen = false
      } else if text.utf8.first == UInt8(ascii: "#"), let heading = text.headingText {
        isOpen = false
        if text.utf8.starts(with: "## ".utf8), let next = Self.headings[heading.lowercased()] {
          if !seen.insert(next).inserted {
            mistakes.append((piece, "the heading appears twice", "keep one of them"))
          }
          section = next
        } else {
          mistakes.append(
            (piece, "unknown heading \(quoted(heading))", "known headings are ## Questions, ## Steps, ## 问法, ## 步骤"))
        }
      } else if section == .answer {
        if isOpen, let last = paragraphs.indices.last, text.listItem == nil {
          paragraphs[last] = paragraphs[last].joined(to: text)
        } else {
          // Items of one list are adjacent, paragraphs are separated.
          let follows = isOpen && text.listItem != nil
          if follows, let last = paragraphs.indices.last {
            paragraphs[last] += "\n" + text
          } else {
            paragraphs.append(text)
          }
        }
        isOpen = true
      } else {
        add(piece, to: section, goesOn: isOpen)
        isOpen = true
      }
    }
    answer = paragraphs.joined(separator: "\n\n")
  }

  private mutating func add(_ piece: Piece, to section: Section, goesOn: Bool) {
    let path: WritableKeyPath<Self, [Piece]> = section == .questions ? \.questions : \.steps
    if let item = piece.text.listItem {
      self[keyPath: path].append(Piece(text: item, line: piece.line, column: piece.column))
    } else if goesOn, let last = self[keyPath: path].indices.last {
      self[keyPath: path][last].text = self[keyPath: path][last].text.joined(to: piece.text)
    } else {
      mistakes.append((piece, "not a list item", "begin it with `- ` or `1. `"))
    }
  }
}

extension String {
  fileprivate var trimmedAtItsEnd: String {
    var text = self[...].unicodeScalars
    while let last = text.last, last.properties.isWhitespace { text.removeLast() }
    return String(text)
  }

  /// Returns the text of a heading; nil for a line that only begins with '#'.
  fileprivate var headingText: String? {
    let rest = unicodeScalars.drop { $0 == "#" }
    guard rest.isEmpty || rest.first == " " else { return nil }
    return String(rest.drop { $0 == " " })
  }

  /// Returns the text of a list item, nil for another line: `- …`, `* …`, `+ …`, `1. …`, `1) …`.
  fileprivate var listItem: String? {
    var rest = unicodeScalars[...]
    if let first = rest.first, "-*+".unicodeScalars.contains(first) {
      rest = rest.dropFirst()
    } else {
      let digits = rest.prefix { ("0"..."9").contains($0) }
      rest = rest.dropFirst(digits.count)
      guard (1...9).contains(digits.count), let mark = rest.first, mark == "." || mark == ")" else { return nil }
      rest = rest.dropFirst()
    }
    guard rest.first == " " else { return nil }
    return String(rest.drop { $0 == " " })
  }

  /// Appends a wrapped line: Chinese without a space, as it is written.
  fileprivate func joined(to next: String) -> String {
    let meets = last?.standsWithoutSpaces == true || next.first?.standsWithoutSpaces == true
    return self + (meets ? "" : " ") + next
  }
}

extension Character {
  /// Han characters, kana and the punctuation that goes with them.
  fileprivate var standsWithoutSpaces: Bool {
    guard let value = unicodeScalars.first?.value else { return false }
    return (0x2E80...0x9FFF).contains(value) || (0xF900...0xFAFF).contains(value) || (0xFF00...0xFFEF).contains(value)
      || (0x20000...0x3FFFF).contains(value)
  }
}
