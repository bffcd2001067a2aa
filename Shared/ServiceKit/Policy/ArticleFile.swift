/// One language of an article, as its author keeps it: Markdown with a head in YAML between two lines of `---`.
///
/// ```
/// ---
/// id: track-a-parcel
/// language: en
/// title: Track a parcel
/// category: logistics        # or a list; may be left out
/// answers_by_itself: true    # false where nothing is said
/// channels: [wechat]         # on which it may; each that allows it where nothing is said
/// ---
/// What the customer is told. Lines that only wrap are joined, paragraphs and lists stay.
///
/// ## Questions
/// - Where is my parcel?
///
/// ## Steps
/// 1. Check the order number.
/// ```
///
/// The headings are `## 问法` and `## 步骤` in Chinese. What concerns the whole article (`category`, `answers_by_itself`, `channels`)
/// may stand in each of its files or in one of them.
public struct ArticleFile: Hashable, Sendable {
  /// Its path from the policy's folder on, such as `articles/track-a-parcel.en.md`.
  public let path: String
  /// All that it says.
  public let text: String

  /// Takes what was read.
  public init(path: String, text: String) {
    self.path = path
    self.text = text
  }
}

/// The body of an article's file, taken apart by line.
struct ArticleBody {
  /// A line or item and where it stands.
  struct Piece: Hashable {
    var text: String
    let line: Int
    let column: Int
  }

  /// What stands under a heading.
  enum Section: Hashable {
    case answer, questions, steps
  }

  private(set) var answer = ""
  private(set) var questions: [Piece] = []
  private(set) var steps: [Piece] = []
  /// Places that are not understood, and what would be.
  private(set) var mistakes: [(piece: Piece, problem: String, remedy: String)] = []

  private static let headings: [String: Section] = [
    "questions": .questions, "问法": .questions, "steps": .steps, "步骤": .steps,
  ]

  /// - Parameter lines: the lines behind the head, the first of them numbered `first`.
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
            mistakes.append((piece, "the heading stands here twice", "keep one of them"))
          }
          section = next
        } else {
          mistakes.append(
            (piece, "unknown heading \(quoted(heading))", "known are ## Questions, ## Steps, ## 问法, ## 步骤"))
        }
      } else if section == .answer {
        if isOpen, let last = paragraphs.indices.last, text.listItem == nil {
          paragraphs[last] = paragraphs[last].joined(to: text)
        } else {
          // Items of one list stand close together, paragraphs apart.
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
      mistakes.append((piece, "this is no item of a list", "begin it with `- ` or `1. `"))
    }
  }
}

extension String {
  fileprivate var trimmedAtItsEnd: String {
    var text = self[...].unicodeScalars
    while let last = text.last, last.properties.isWhitespace { text.removeLast() }
    return String(text)
  }

  /// What a heading says; nil for a line that only begins with '#'.
  fileprivate var headingText: String? {
    let rest = unicodeScalars.drop { $0 == "#" }
    guard rest.isEmpty || rest.first == " " else { return nil }
    return String(rest.drop { $0 == " " })
  }

  /// What an item of a list says, nil for another line: `- …`, `* …`, `+ …`, `1. …`, `1) …`.
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

  /// Goes on with a wrapped line: Chinese without a space, as it is written.
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
