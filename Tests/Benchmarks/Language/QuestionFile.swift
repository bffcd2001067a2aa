import Foundation

/// Questions with their titles, in CSV per RFC 4180 with a header that names both.
enum QuestionFile {
  struct Row {
    let title: String
    let question: String
  }

  static func read(_ path: String) throws -> [Row] {
    let rows = records(Array(try String(contentsOfFile: path, encoding: .utf8)))
    guard let header = rows.first, let title = header.firstIndex(where: { $0.hasSuffix("title") }),
      let question = header.firstIndex(of: "question")
    else { throw BenchmarkOptions.Mistake(description: "\(path) has no columns title and question") }
    return rows.dropFirst().filter { $0.count == header.count && !$0[title].isEmpty && !$0[question].isEmpty }
      .map { Row(title: $0[title], question: $0[question]) }
  }

  private static func records(_ text: [Character]) -> [[String]] {
    var records: [[String]] = []
    var record: [String] = []
    var field = ""
    var isQuoted = false
    var place = 0
    while place < text.count {
      let character = text[place]
      switch (character, isQuoted) {
      case ("\"", true) where place + 1 < text.count && text[place + 1] == "\"":
        field.append(character)
        place += 1
      case ("\"", _): isQuoted.toggle()
      case (",", false):
        record.append(field)
        field = ""
      case (_, false) where character.isNewline:
        records.append(record + [field])
        record = []
        field = ""
      default: field.append(character)
      }
      place += 1
    }
    if !field.isEmpty || !record.isEmpty { records.append(record + [field]) }
    return records
  }
}
