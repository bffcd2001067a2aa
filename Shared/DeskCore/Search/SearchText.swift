/// A text as the search reads it: folded like texts for word lists (`FoldedText`), divided into words and runs of Chinese characters, each
/// with its place in the original.
struct SearchText: Sendable {
  /// A part of the text that can be found.
  struct Part: Hashable, Sendable {
    enum Kind: Hashable, Sendable {
      /// Chinese characters without anything between them.
      case han
      /// Letters and digits of any other script.
      case word
      /// Words that single signs connect, such as an order number or an address: `A-10023`, `li@example.com`. Its words are parts as well.
      case joined
    }

    let kind: Kind
    /// The part's folded scalars.
    let range: Range<Int>
  }

  /// Folded scalars.
  private(set) var scalars: [UInt32] = []
  private var kinds: [ScalarKind] = []
  /// The place in the original, in Unicode scalars, of each folded scalar.
  private var places: [Int] = []
  /// How many scalars of the original were read.
  private let length: Int

  /// Folds the first `SearchLimits.textCharacters` of a text.
  init(_ text: String) {
    let (table, forms) = (ScalarTable.shared, WordForms.shared)
    let expected = min(text.utf8.count, SearchLimits.textCharacters)
    var (scalars, kinds, places): ([UInt32], [ScalarKind], [Int]) = ([], [], [])
    scalars.reserveCapacity(expected)
    kinds.reserveCapacity(expected)
    places.reserveCapacity(expected)
    for (place, scalar) in text.unicodeScalars.prefix(SearchLimits.textCharacters).enumerated() {
      table.fold(scalar) { folded, kind in
        let parts = kind == .word && folded >= 0x80 ? forms.form(of: folded) : nil
        for part in parts ?? [folded] {
          scalars.append(part)
          kinds.append(kind)
          places.append(place)
        }
      }
    }
    (self.scalars, self.kinds, self.places) = (scalars, kinds, places)
    length = text.unicodeScalars.prefix(SearchLimits.textCharacters).count
  }

  /// Signs that connect words without white space.
  private static let joiners = Set("-_.@/#+&'".unicodeScalars.map(\.value))

  /// The parts, from left to right; a joined one after its words.
  var parts: [Part] {
    var parts: [Part] = []
    /// Where the words that are connected so far begin, and how many they are.
    var joined: (start: Int, words: Int)?
    var index = 0
    func endJoined(at end: Int) {
      if let joined, joined.words > 1 { parts.append(Part(kind: .joined, range: joined.start..<end)) }
      joined = nil
    }
    while index < scalars.count {
      let kind = kinds[index]
      guard kind == .han || kind == .word else {
        index += 1
        continue
      }
      let start = index
      while index < scalars.count, kinds[index] == kind { index += 1 }
      parts.append(Part(kind: kind == .han ? .han : .word, range: start..<index))
      guard kind == .word else { continue }
      joined = (joined?.start ?? start, (joined?.words ?? 0) + 1)
      let continues =
        index + 1 < scalars.count && kinds[index] == .symbol && Self.joiners.contains(scalars[index])
        && kinds[index + 1] == .word
      if !continues { endJoined(at: index) }
    }
    return parts
  }

  /// The place in the original of a range of folded scalars, which is not empty; with the accents that follow it, which are not folded to
  /// anything.
  func place(of range: Range<Int>) -> Range<Int> {
    let next = range.upperBound < places.count ? places[range.upperBound] : length
    return places[range.lowerBound]..<max(places[range.upperBound - 1] + 1, next)
  }
}
