/// Finds the words of many lists in one pass over a text.
///
/// Finds exactly what `FoldedText.firstPlace(of:from:)` finds for each word alone. A word is compared only where a word may begin, and only
/// if its first two scalars stand there (a hash of them selects the candidates), so the time of a search grows with the text and what it
/// contains, not with the number of words. Memory is proportional to the words.
struct WordSearch: Hashable, Sendable {
  /// An occurrence of a word.
  struct Hit: Hashable {
    /// The position of the list.
    let list: Int
    /// The number of the word among all that can be found, list after list.
    let word: Int
    /// Where it stands, in folded scalars.
    let range: Range<Int>
  }

  private struct Needle: Hashable {
    let list: Int32
    let word: Int32
    /// Where its scalars begin in `scalars`, and how many there are.
    let start: Int32
    let count: Int32
  }

  /// The scalars of all words, one word after the other.
  private let scalars: [UInt32]
  /// The words, grouped by bucket.
  private let needles: [Needle]
  /// Where each bucket's words begin, and the end of the last.
  private let buckets: [Int32]
  /// The bits of a hash that do not select a bucket.
  private let shift: UInt32
  /// Whether a word of one scalar exists.
  private let hasSingles: Bool
  /// How many lists there are.
  private let listCount: Int

  /// How many words can be found.
  var wordCount: Int { needles.count }

  /// Prepares a search.
  /// - Parameter lists: the folded words of each list (`FoldedText.scalars`); empty words are never found.
  init(_ lists: [[[UInt32]]]) {
    var scalars: [UInt32] = []
    var needles: [Needle] = []
    for (list, words) in lists.enumerated() {
      for word in words where !word.isEmpty {
        needles.append(
          Needle(list: Int32(list), word: Int32(needles.count), start: Int32(scalars.count), count: Int32(word.count)))
        scalars += word
      }
    }
    var bits: UInt32 = 6
    while 1 << bits < 4 * needles.count, bits < 20 { bits += 1 }
    let shift = 32 - bits
    func bucket(_ needle: Needle) -> Int {
      let start = Int(needle.start)
      return WordSearch.bucket(scalars[start], needle.count > 1 ? scalars[start + 1] : 0, shift)
    }
    var buckets = [Int32](repeating: 0, count: (1 << Int(bits)) + 1)
    for needle in needles { buckets[bucket(needle) + 1] += 1 }
    for place in 1..<buckets.count { buckets[place] += buckets[place - 1] }
    self.scalars = scalars
    self.needles = needles.map { (bucket($0), $0) }.sorted { ($0.0, $0.1.word) < ($1.0, $1.1.word) }.map(\.1)
    self.buckets = buckets
    self.shift = shift
    hasSingles = needles.contains { $0.count == 1 }
    listCount = lists.count
  }

  /// The positions of the lists of which a text contains a word, in ascending order.
  func lists(in text: FoldedText) -> [Int] {
    guard !needles.isEmpty else { return [] }
    return withUnsafeTemporaryAllocation(of: Bool.self, capacity: listCount) { found in
      found.initialize(repeating: false)
      var count = 0
      search(text) { needle, _ in
        let list = Int(needle.list)
        if !found[list] {
          found[list] = true
          count += 1
        }
        return count < listCount
      }
      return count == 0 ? [] : found.indices.filter { found[$0] }
    }
  }

  /// Whether a text contains one of the words.
  func finds(in text: FoldedText) -> Bool {
    var isFound = false
    search(text) { _, _ in
      isFound = true
      return false
    }
    return isFound
  }

  /// All occurrences, overlapping ones too, from left to right.
  func hits(in text: FoldedText) -> [Hit] {
    var hits: [Hit] = []
    search(text) { needle, place in
      hits.append(Hit(list: Int(needle.list), word: Int(needle.word), range: place..<place + Int(needle.count)))
      return true
    }
    return hits
  }

  /// Passes on every occurrence, from left to right, until `body` returns false.
  @inline(__always)
  private func search(_ text: FoldedText, _ body: (Needle, Int) -> Bool) {
    if needles.isEmpty { return }
    let mark = FoldedText.wordMark
    text.marked.withUnsafeBufferPointer { text in
      scalars.withUnsafeBufferPointer { scalars in
        needles.withUnsafeBufferPointer { needles in
          buckets.withUnsafeBufferPointer { buckets in
            /// Whether the search goes on.
            func compare(_ bucket: Int, at place: Int) -> Bool {
              var next = Int(buckets[bucket])
              let end = Int(buckets[bucket + 1])
              while next < end {
                let needle = needles[next]
                next += 1
                if WordSearch.stands(needle, at: place, in: text, scalars), !body(needle, place) { return false }
              }
              return true
            }
            for place in text.indices {
              let scalar = text[place]
              // Nothing begins inside a word of ASCII letters and digits.
              if place > 0, scalar & text[place - 1] & mark != 0 { continue }
              let first = scalar & ~mark
              let single = WordSearch.bucket(first, 0, shift)
              var pair = single
              if place + 1 < text.count {
                pair = WordSearch.bucket(first, text[place + 1] & ~mark, shift)
                if !compare(pair, at: place) { return }
              }
              if hasSingles, single != pair || place + 1 == text.count, !compare(single, at: place) { return }
            }
          }
        }
      }
    }
  }

  /// Whether a word stands at a place where one may begin.
  private static func stands(
    _ needle: Needle, at place: Int, in text: UnsafeBufferPointer<UInt32>, _ scalars: UnsafeBufferPointer<UInt32>
  ) -> Bool {
    let mark = FoldedText.wordMark
    let (start, count) = (Int(needle.start), Int(needle.count))
    let end = place + count
    guard end <= text.count else { return false }
    var offset = 0
    while offset < count, text[place + offset] & ~mark == scalars[start + offset] { offset += 1 }
    guard offset == count else { return false }
    return end == text.count || text[end - 1] & text[end] & mark == 0
  }

  private static func bucket(_ first: UInt32, _ second: UInt32, _ shift: UInt32) -> Int {
    Int((first &* 0x9E37_79B1 ^ second &* 0x85EB_CA6B) >> shift)
  }
}
