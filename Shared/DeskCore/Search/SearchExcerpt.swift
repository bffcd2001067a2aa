/// The part of a text around what was searched for. Places are in Unicode scalars.
public struct SearchExcerpt: Sendable, Hashable {
  /// A part of the text, unchanged.
  public let text: String
  /// Where in `text` the query's words are, in order, without overlaps. Empty when they are elsewhere, in the customer's name for instance.
  public let matches: [Range<Int>]
  /// Whether the text goes on before and behind.
  public let isCutBefore: Bool
  public let isCutBehind: Bool

  /// Finds a query in the first `SearchLimits.textCharacters` of a text.
  public init(of text: String, for query: SearchQuery) {
    let found = SearchExcerpt.places(of: query, in: SearchText(text))
    let scalars = Array(text.unicodeScalars.prefix(SearchLimits.textCharacters + 1))
    let wanted = max(0, (found.first?.lowerBound ?? 0) - SearchLimits.charactersBeforeMatch)
    let start = max(0, min(wanted, scalars.count - SearchLimits.excerptCharacters))
    let end = min(scalars.count, start + SearchLimits.excerptCharacters)
    var part = String.UnicodeScalarView()
    part.append(contentsOf: scalars[start..<end])
    self.text = String(part)
    matches = found.filter { $0.lowerBound >= start && $0.upperBound <= end }
      .map { $0.lowerBound - start..<$0.upperBound - start }
    isCutBefore = start > 0
    isCutBehind = end < scalars.count
  }

  private static func places(of query: SearchQuery, in text: SearchText) -> [Range<Int>] {
    let parts = text.parts
    var places: [Range<Int>] = []
    for word in query.words {
      switch word {
      case .word(let scalars, let isPrefix):
        for part in parts where part.kind != .han {
          let candidate = text.scalars[part.range].prefix(SearchLimits.termCharacters)
          guard candidate.starts(with: scalars), isPrefix || candidate.count == scalars.count else { continue }
          places.append(text.place(of: part.range.lowerBound..<part.range.lowerBound + scalars.count))
        }
      case .han(let scalars):
        var found = occurrences(of: scalars, in: text, parts)
        if found.isEmpty {
          for place in scalars.indices.dropLast() {
            found += occurrences(of: Array(scalars[place...place + 1]), in: text, parts)
          }
        }
        places += found
      }
    }
    return merged(places)
  }

  private static func occurrences(of run: [UInt32], in text: SearchText, _ parts: [SearchText.Part]) -> [Range<Int>] {
    parts.filter { $0.kind == .han && $0.range.count >= run.count }.flatMap { part in
      (part.range.lowerBound...part.range.upperBound - run.count).compactMap { start in
        text.scalars[start..<start + run.count].elementsEqual(run) ? text.place(of: start..<start + run.count) : nil
      }
    }
  }

  /// In order, with those that overlap as one.
  private static func merged(_ places: [Range<Int>]) -> [Range<Int>] {
    var merged: [Range<Int>] = []
    for place in places.sorted(by: { ($0.lowerBound, $1.upperBound) < ($1.lowerBound, $0.upperBound) }) {
      if let last = merged.last, place.lowerBound < last.upperBound {
        merged[merged.count - 1] = last.lowerBound..<max(last.upperBound, place.upperBound)
      } else if merged.count < SearchLimits.matchesPerExcerpt {
        merged.append(place)
      } else {
        break
      }
    }
    return merged
  }
}
