import Testing

@testable import DeskCore

/// The search of all lists at once against the search for each word alone, on random lists and texts.
@Suite("Words of many lists are found in one pass")
struct WordSearchTests {
  /// Letters and digits of words, other scripts, signs, what folds to several scalars or to none, and repetitions.
  private static let pieces = [
    "a", "b", "ab", "aba", "sue", "issue", "don't", "1", "12315", "A", "Ａ", "é", "e\u{301}", "ß", "straße", "①", "™",
    "㎏", "ﬁ",
    " ", "  ", "\n", "-", "?", "？", ",", "。", "'", "’", "哈", "哈哈", "律師", "律师", "不", "没有", "在吗", "한국", "か\u{3099}", "が",
    "я", "й",
    "👋", "👍🏽", "❤\u{FE0F}", "\u{200B}", "\u{00AD}", "𝐚", "𠮷",
  ]

  private static func text(_ lengths: ClosedRange<Int>, using random: inout SeededGenerator) -> String {
    (0..<Int.random(in: lengths, using: &random)).map { _ in pieces[Int.random(in: pieces.indices, using: &random)] }
      .joined()
  }

  /// Every place of a word, by the search for one word.
  private static func places(of needle: [UInt32], in text: FoldedText) -> [Int] {
    var places: [Int] = []
    var start = 0
    while let place = text.firstPlace(of: needle, from: start) {
      places.append(place)
      start = place + 1
    }
    return places
  }

  @Test(arguments: 0..<400)
  func findsWhatTheSearchForEachWordFinds(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let lists = (0..<Int.random(in: 0...5, using: &random)).map { _ in
      WordList((0..<Int.random(in: 0...9, using: &random)).map { _ in Self.text(0...3, using: &random) })
    }
    let search = WordSearch(lists.map(\.needles))
    for _ in 0..<20 {
      let text = FoldedText(Self.text(0...30, using: &random))
      let found = lists.indices.filter { lists[$0].found(in: text) != nil }
      #expect(search.lists(in: text) == found)
      var expected: Set<WordSearch.Hit> = []
      var word = 0
      for (list, words) in lists.enumerated() {
        for needle in words.needles where !needle.isEmpty {
          for place in Self.places(of: needle, in: text) {
            expected.insert(.init(list: list, word: word, range: place..<place + needle.count))
          }
          word += 1
        }
      }
      let hits = search.hits(in: text)
      #expect(Set(hits) == expected && hits.count == expected.count)
      #expect(hits.map(\.range.lowerBound) == hits.map(\.range.lowerBound).sorted())
    }
  }

  @Test func manyWordsAreTold() {
    let words = (0..<5_000).map { "word\($0)" }
    let search = WordSearch(words.map { [FoldedText($0).scalars] })
    #expect(search.lists(in: FoldedText("word17 word4999, word, xword3 word12x")) == [17, 4_999])
  }

  // MARK: What a message does

  @Test(arguments: 0..<300)
  func actsAreReadAsWithEachPhraseAlone(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var policy = ConversationPolicy()
    if seed % 2 == 0 {
      policy.closings = PhraseList((0..<4).map { _ in Self.text(1...2, using: &random) })
      policy.greetings = PhraseList((0..<4).map { _ in Self.text(1...2, using: &random) })
      policy.objections = PhraseList((0..<2).map { _ in Self.text(1...1, using: &random) })
      policy.fillers = PhraseList((0..<6).map { _ in Self.text(1...2, using: &random) })
    }
    policy.closingFrom = 0.5
    policy.greetingFrom = 0.5
    let lists = [policy.closings, policy.greetings, policy.objections, policy.fillers]
    for _ in 0..<20 {
      let phrases = (0..<Int.random(in: 0...6, using: &random)).map { _ -> String in
        let list = lists[Int.random(in: 0..<4, using: &random)].phrases
        let noise = Self.text(0...2, using: &random)
        return list[Int.random(in: list.indices, using: &random)] + noise
      }
      let text = FoldedText(phrases.joined(separator: Bool.random(using: &random) ? " " : ""))
      #expect(policy.read(text) == Self.reading(of: text, by: policy))
    }
  }

  private static func reading(of text: FoldedText, by policy: ConversationPolicy) -> DialogueActReading {
    guard text.count <= ConversationPolicy.longestAct else { return .concern }
    var covered = [Bool](repeating: false, count: text.count)
    func cover(_ list: PhraseList) -> Bool {
      var isFound = false
      for needle in list.needles {
        var start = 0
        while let place = text.firstPlace(of: needle, from: start) {
          isFound = true
          for position in place..<(place + needle.count) { covered[position] = true }
          start = place + needle.count
        }
      }
      return isFound
    }
    let closes = cover(policy.closings)
    let objects =
      closes
      && policy.objections.needles.contains { needle in
        places(of: needle, in: text).contains { covered[$0..<($0 + needle.count)].contains(false) }
      }
    let greets = cover(policy.greetings)
    guard closes || greets else { return .concern }
    _ = cover(policy.fillers)
    let meaningful = text.scalars.indices.filter { place in
      guard let properties = Unicode.Scalar(text.scalars[place])?.properties else { return false }
      return properties.isAlphabetic || properties.numericType != nil
        || (properties.isEmojiPresentation && !properties.isEmojiModifier)
    }
    let share = meaningful.isEmpty ? 0 : Double(meaningful.count { covered[$0] }) / Double(meaningful.count)
    if closes { return !objects && share >= policy.closingFrom ? .init(.closing, share: share) : .concern }
    return share >= policy.greetingFrom ? .init(.greeting, share: share) : .concern
  }

  // MARK: Folding

  @Test(arguments: 0..<200)
  func textsAreFoldedScalarByScalar(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<20 {
      let known = Self.text(0...10, using: &random)
      var scalars = String.UnicodeScalarView()
      for _ in 0..<10 {
        let limit: UInt32 = Bool.random(using: &random) ? 0x3000 : 0x11_0000
        if let scalar = Unicode.Scalar(UInt32.random(in: 0..<limit, using: &random)) { scalars.append(scalar) }
      }
      let text = known + String(scalars) + known
      #expect(FoldedText(text).scalars == Self.folded(text))
    }
  }

  private static func folded(_ text: String) -> [UInt32] {
    var result: [UInt32] = []
    var endsWithSpace = false
    func add(_ scalar: UInt32) {
      if endsWithSpace { result.append(0x20) }
      endsWithSpace = false
      result.append(scalar)
    }
    for scalar in text.unicodeScalars {
      ScalarTable.shared.fold(scalar) { folded, kind in
        if kind == .space {
          endsWithSpace = !result.isEmpty
        } else if kind == .word, folded >= 0x80, let form = WordForms.shared.form(of: folded) {
          for part in form { add(part) }
        } else {
          add(folded)
        }
      }
    }
    return result
  }
}
